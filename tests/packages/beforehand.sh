#!/usr/bin/env bash
# What a Release build compiled beforehand (docs/decisions/0008-compiled-beforehand.md): far fewer methods are compiled at a start, and all numbers are those
# of a program that is compiled while it runs.
#
#     dotnet build -c Release && tests/packages/beforehand.sh src/Hesse.Cli/bin/Release/net10.0/hesse
set -euo pipefail
hesse=$(realpath "$1")
here=$(realpath "$(dirname "$0")/../..")
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
export DOTNET_JitDisasmSummary=1
DOTNET_JitStdOutFile="$place/beforehand.txt" "$hesse" run "$here/tests/browser/quantities.yaml" --quiet --out beforehand
DOTNET_JitStdOutFile="$place/running.txt" DOTNET_ReadyToRun=0 "$hesse" run "$here/tests/browser/quantities.yaml" --quiet --out running
arrays=$(find beforehand -name '*.npy')
for file in $arrays; do
    cmp "$file" "running/${file#beforehand/}"
done
ours() { grep -c ' JIT compiled Hesse\.' "$1"; }
before=$(ours beforehand.txt)
all=$(ours running.txt)
echo "$before of $all methods compiled while it runs, $(echo "$arrays" | wc -w) arrays of the same bits"
[ $((3 * before)) -lt $((2 * all)) ]
