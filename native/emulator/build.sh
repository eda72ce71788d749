#!/usr/bin/env bash
# build.sh FOLDER: the emulator's libraries and the replay program in FOLDER, with the built-ins beside them. Files that are newer than their sources stay.
set -eu
folder=$(realpath -m "$1")
cd "$(dirname "$0")"
mkdir -p "$folder"
rm -rf "$folder/built_ins"
cp -r built_ins "$folder/built_ins"
mkdir -p "$folder/tests"
cp tests/*.cu "$folder/tests"
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

# The device's name and the cache tell versions of the emulator apart, so that nobody takes a kernel of another one for its own.
version=$(cat built_ins/*.h translation.cpp compiler.cpp | cksum | cut -d' ' -f1)
flags="$flags -DEMULATOR_VERSION=\"$version\""
runner="block.cpp fiber.cpp grid.cpp module.cpp"
translator="compiler.cpp translation.cpp"
build libcuda.so.1 $flags -shared -Wl,-soname,libcuda.so.1 driver_*.cpp recording.cpp memory.cpp configuration.cpp $runner -ldl -pthread &
build libnvrtc.so.12 $flags -shared -Wl,-soname,libnvrtc.so.12 nvrtc.cpp $translator -ldl &
build libcusolver.so.11 $flags -shared -Wl,-soname,libcusolver.so.11 cusolver.cpp &
build libcublas.so.12 $flags -ffp-contract=off -shared -Wl,-soname,libcublas.so.12 cublas.cpp &
build replay -DEMULATOR_VERSION=\"$version\" -std=c++17 -O1 -g1 -Wall -Wextra -Werror -fsanitize=address replay.cpp $runner $translator -ldl -pthread &
for job in $(jobs -p); do
    wait "$job"
done
build emulator_tests -std=c++17 -O1 -Wall -Wextra -Werror tests/emulator_tests.cpp "$folder/libcuda.so.1" "$folder/libnvrtc.so.12" '-Wl,-rpath,$ORIGIN' -pthread
