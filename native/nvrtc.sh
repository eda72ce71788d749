#!/usr/bin/env bash
# nvrtc.sh FOLDER: Debian's libnvrtc11.2 (CUDA 11.8; non-free) in FOLDER, for compiling kernels where there is no CUDA. Nothing is installed and
# the system's list of package sources stays as it is: the packages are fetched through a list of our own and unpacked.
set -eu
folder=$(realpath -m "$1")
if ls "$folder"/libnvrtc.so.11.2 "$folder"/libnvrtc-builtins.so.11.8 >/dev/null 2>&1; then
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir -p "$work/parts" "$work/lists/partial" "$work/cache/archives/partial" "$folder"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bookworm non-free" >"$work/parts/non-free.list"
apt=(-o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$work/parts" -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root)
apt-get "${apt[@]}" update -qq
cd "$work"
apt-get "${apt[@]}" download -qq libnvrtc11.2 libnvrtc-builtins11.8
for package in *.deb; do
    dpkg -x "$package" unpacked
done
cp -a unpacked/usr/lib/*/libnvrtc*.so.* "$folder"
