#!/usr/bin/env bash
# Ask a running service for topics and stances, with curl.
#   examples/predict.sh [http://127.0.0.1:3000]
set -euo pipefail
url="${1:-${STANDPOINT_URL:-http://127.0.0.1:3000}}"

# Passages: topics, and stances toward the targets that are named.
curl --silent --show-error --fail-with-body "$url/v1/predict" \
  --header 'Content-Type: application/json' \
  --data-binary @- <<'JSON'
{"passages": [
  {"id": "one", "text": "Shipowners condemned the sanctions as a burden on trade.", "targets": ["the sanctions"]},
  {"id": "two", "text": "The envoy defended the sanctions as the only answer left.", "targets": ["the sanctions"]}
]}
JSON
echo

# A raw page: it is cut into passages, and each is judged.
curl --silent --show-error --fail-with-body "$url/v1/pages?document=harbour.txt&target=the%20sanctions" \
  --header 'Content-Type: text/plain; charset=utf-8' \
  --data-binary @- <<'PAGE'
Harbour towns weigh the cost

Shipowners condemned the sanctions as a burden on trade, and asked the council to end them.

The envoy defended the sanctions as the only answer left, and asked for patience.
PAGE
echo
