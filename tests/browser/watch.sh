#!/usr/bin/env bash
# watch.sh HESSE DIR: opens what `hesse watch DIR` serves in a browser, then sends Ctrl-C: the exit code must be 0. HESSE is the program's .dll.
set -um
address=$(mktemp)
dotnet "$1" watch "$2" >"$address" 2>/dev/null &
server=$!
for _ in $(seq 100); do
    [ -s "$address" ] && break
    sleep 0.2
done
node "$(dirname "$0")/report.mjs" "$(cat "$address")"
drawn=$?
kill -INT "$server"
wait "$server"
ended=$?
rm -f "$address"
echo "watch ended with $ended"
[ "$drawn" -eq 0 ] && [ "$ended" -eq 0 ]
