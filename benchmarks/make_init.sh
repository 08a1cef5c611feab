#!/bin/sh
# Make the starting artifacts that a default of `standpoint train` uses, in the folder OUT: benchmarks/make_init.sh OUT
#
# There is none today. What was tried as a start, and what it scored, is in notebooks/LOG.md; an artifact that you have
# trained is one option away: standpoint train stance --model transformer --init ARTIFACT
set -eu
[ $# -eq 1 ] || { echo "usage: benchmarks/make_init.sh OUT" >&2; exit 2; }
mkdir -p "$1"
echo "no default starts from an artifact; $1 stays empty, and no --init is needed"
