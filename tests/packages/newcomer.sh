#!/usr/bin/env bash
# A newcomer's path with the packages alone, in an empty folder: install the tool, write a spec, run it, change it, run it again,
# read the arrays in Python, make the report, and build a program of one's own on the library.
#
#     dotnet cake --target=Pack && tests/packages/newcomer.sh artifacts/packages
set -euo pipefail
feed=$(realpath "$1")
here=$(realpath "$(dirname "$0")/../..")
python=$(/usr/bin/python3 -c "import numpy" 2>/dev/null && echo /usr/bin/python3 || echo python3)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
export NUGET_PACKAGES="$place/packages"
# Packages of the libraries that ours use come from the machine's own sources.
dotnet tool install Hesse.Cli --tool-path tools --add-source "$feed" --verbosity quiet
PATH="$place/tools:$PATH"
hesse --version
hesse init first
hesse plan first.yaml --replicas 4
hesse run first.yaml --replicas 4 --quiet
sed -i 's/steps: 300/steps: 100/; s/\[0, 10, 100, 300\]/[0, 10, 100]/; s/^name: first/name: second/' first.yaml
hesse run first.yaml --replicas 4 --quiet
"$python" "$here/samples/load_results.py" results/second
hesse report results
test -s results/first/report.html && test -s results/second/report.html
hesse verify results

mkdir own && cd own
sed 's|<ProjectReference Include=.*/>|<PackageReference Include="Hesse" Version="*" />|; s|<OutputType>|<TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><OutputType>|' \
    "$here/samples/embedding/embedding.csproj" > own.csproj
cp "$here/samples/embedding/Program.cs" .
dotnet run -c Release -p:RestoreAdditionalProjectSources="$feed"
