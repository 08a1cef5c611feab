#!/usr/bin/env bash
# Ask a running service for topics and stances, with curl.
#   examples/predict.sh [http://127.0.0.1:3000]
# STANDPOINT_KEY holds the key, where the service asks for one.
set -euo pipefail
url="${1:-${STANDPOINT_URL:-http://127.0.0.1:3000}}"

# Where the service is busy (429, 503), curl waits as long as Retry-After says, and asks again: nothing is done twice.
# It prints what it was told before, too.
# The key goes in by a file that is none, so that no list of processes shows it.
ask() {
  curl --silent --show-error --fail-with-body --max-time 90 --retry 4 \
    --header @<(printf '%s' "${STANDPOINT_KEY:+Authorization: Bearer $STANDPOINT_KEY}") "$@"
}

# Passages: topics, and stances toward the targets that are named.
ask "$url/v1/predict" --header 'Content-Type: application/json' --data-binary @- <<'JSON'
{"passages": [
  {"id": "one", "text": "Shipowners condemned the sanctions as a burden on trade.", "targets": ["the sanctions"]},
  {"id": "two", "text": "The envoy defended the sanctions as the only answer left.", "targets": ["the sanctions"]}
]}
JSON
echo

# A raw page: it is cut into passages, each is judged, and comes as a line of its own as soon as it is.
ask "$url/v1/pages?document=harbour.txt&target=the%20sanctions" --no-buffer \
  --header 'Accept: application/x-ndjson' --header 'Content-Type: text/plain; charset=utf-8' --data-binary @- <<'PAGE'
Harbour towns weigh the cost

Shipowners condemned the sanctions as a burden on trade, and asked the council to end them.

The envoy defended the sanctions as the only answer left, and asked for patience.
PAGE
