#!/usr/bin/env bash
# record.sh FOLDER SHAPE...: runs the specs shapes/SHAPE.yaml on the emulator and records their launches in FOLDER/SHAPE.
# With HESSE_EMULATOR_DRY=1 nothing is computed: what is recorded is good for resources.py, not for the replay.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$(realpath -m "$1")
shift
hesse=${HESSE:-$here/../../src/Hesse.Cli/bin/Release/net10.0/hesse.dll}
export HESSE_CUDA_LIBRARIES=${HESSE_CUDA_LIBRARIES:-$here/../../artifacts/emulator}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for shape in "$@"; do
    HESSE_CUDA_USE=$(sed -n 's/^# HESSE_CUDA_USE=//p' "$here/shapes/$shape.yaml") HESSE_EMULATOR_RECORD=$folder/$shape HESSE_KERNEL_CACHE=$work/kernels \
        dotnet "$hesse" run "$here/shapes/$shape.yaml" --backend cuda --out "$work/results" --threads 2 --quiet
done
