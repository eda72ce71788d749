#!/usr/bin/env bash
# agree.sh REPLICAS: experiments/gauss-10.yaml on the processor and on the emulator, and whether both give the same numbers (agree.py).
# A replica takes some 20 s of one core on the emulator.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
hesse=${HESSE:-$here/../../src/Hesse.Cli/bin/Release/net10.0/hesse.dll}
export HESSE_CUDA_LIBRARIES=${HESSE_CUDA_LIBRARIES:-$here/../../artifacts/emulator}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for backend in cpu cuda; do
    HESSE_KERNEL_CACHE=$work/kernels dotnet "$hesse" run "$here/../../experiments/gauss-10.yaml" --backend $backend --replicas "$1" --out "$work/$backend" --quiet
done
/usr/bin/python3 "$here/agree.py" "$work/cpu/gauss-10" "$work/cuda/gauss-10"
