#!/bin/sh
# The report's manual test: the same request twice, cold and warm, against a running service.
#
#   ./test_performance.sh http://127.0.0.1:8000    a service that runs already
#   ./test_performance.sh                          serves the report's final state on the smallest scale first
#
# Ends with 1 where the second request was not answered from the cache.
set -eu
cd "$(dirname "$0")"
PYTHON=.venv/bin/python
[ -x "$PYTHON" ] || { echo "there is no .venv yet: run \`make\` first" >&2; exit 1; }

if [ $# -gt 0 ]; then
    exec "$PYTHON" -m perfstudy check "$@"
fi

output=$(mktemp)
"$PYTHON" -m perfstudy serve --variant all --scale tiny >"$output" 2>&1 &
serving=$!
trap 'kill "$serving" 2>/dev/null || true; wait "$serving" 2>/dev/null || true; rm -f "$output"' EXIT
until grep -q '^curl' "$output"; do
    kill -0 "$serving" 2>/dev/null || { cat "$output" >&2; exit 1; }
    sleep 0.1
done
"$PYTHON" -m perfstudy check "$(sed -n 's/^url *//p' "$output")"
