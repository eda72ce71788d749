#!/usr/bin/env bash
# The archive for clusters, unpacked in an empty folder and run with an environment that knows no .NET.
#
#     dotnet cake --target=Tarball && tests/packages/tarball.sh artifacts
set -euo pipefail
cd "$1"
sha256sum --check hesse-*-linux-x64.tar.gz.sha256
archive=$(realpath hesse-*-linux-x64.tar.gz)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
tar xzf "$archive"
cd hesse-*
bare() { env -i PATH=/usr/bin:/bin HOME="$place" DOTNET_ROOT=/nowhere "$@"; }
bare ./hesse --version
bare ./hesse run experiments/mass-decoupled.yaml --replicas 2 --set training.steps=100 --quiet --out results
bare ./hesse verify results
bare ./hesse report results
test -s results/mass-decoupled/report.html
test -s LICENSE && ls licences | grep -q vega
