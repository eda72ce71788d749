#!/usr/bin/env bash
# build.sh FOLDER: the emulator's libraries in FOLDER, with the built-ins beside them. Files that are newer than their sources stay.
set -eu
folder=$(realpath -m "$1")
cd "$(dirname "$0")"
mkdir -p "$folder"
rm -rf "$folder/built_ins"
cp -r built_ins "$folder/built_ins"
flags="-std=c++17 -O2 -Wall -Wextra -Werror -fPIC -fvisibility=hidden"

# build TARGET ARGUMENTS...: runs g++ unless TARGET is newer than everything here.
build() {
    local target=$folder/$1
    shift
    if [ -z "$(find . -newer "$target" \( -name '*.cpp' -o -name '*.h' -o -name '*.sh' \) 2>&1 | head -1)" ]; then
        return
    fi
    g++ "$@" -o "$target"
}

runner="block.cpp fiber.cpp grid.cpp module.cpp"
translator="compiler.cpp translation.cpp"
build libcuda.so.1 $flags -shared -Wl,-soname,libcuda.so.1 driver_*.cpp recording.cpp memory.cpp configuration.cpp $runner -ldl -pthread &
build libnvrtc.so.12 $flags -shared -Wl,-soname,libnvrtc.so.12 nvrtc.cpp $translator -ldl &
wait -n
wait -n
