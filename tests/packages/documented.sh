#!/usr/bin/env bash
# Runs what a page of the documentation tells its reader to run, in a fresh clone: every ```bash block in one shell, in their order, and
# every ```python block from the same folder. Blocks of other kinds (```text) are there to be read.
#
#     tests/packages/documented.sh docs/tutorial.md
set -euo pipefail
here=$(realpath "$(dirname "$0")/../..")
page=$(realpath "$1")
python=$(/usr/bin/python3 -c "import numpy, matplotlib" 2>/dev/null && echo /usr/bin/python3 || echo python3)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
if [ -e "$here/.git" ]; then
    # Also of a checkout that belongs to another user: git believes a file about that, not its command line.
    printf '[safe]\n\tdirectory = *\n' > "$place/gitconfig"
    GIT_CONFIG_GLOBAL="$place/gitconfig" git clone -q "$here" "$place/hesse"
else
    # An unpacked archive: a repository of one commit of it.
    git init -q "$place/hesse"
    git --git-dir="$place/hesse/.git" --work-tree="$here" add --all
    git -C "$place/hesse" -c user.name=hesse -c user.email=hesse@example.com commit -q -m "The archive"
    git -C "$place/hesse" reset -q --hard
fi
# As in a clone of a published repository, whose programs lead a debugger to the source.
git -C "$place/hesse" config remote.origin.url https://github.com/example/hesse.git
awk -v python="$python" '
    /^```(bash|python)$/ { kind = substr($0, 4); if (kind == "python") print python " <<\"END_OF_PYTHON\""; next }
    /^```/ { if (kind == "python") print "END_OF_PYTHON"; if (kind == "") kind = "text"; else kind = ""; next }
    kind == "bash" || kind == "python"
' "$page" > "$place/commands.sh"
[ "$(grep -c . "$place/commands.sh")" -gt 5 ] || { echo "$1 has no commands"; exit 1; }
cd "$place/hesse"
export PATH="$(dirname "$python"):$PATH"
bash -euxo pipefail "$place/commands.sh"
grep -q "raw.githubusercontent.com/example/hesse/$(git rev-parse HEAD)/" src/Hesse/bin/Release/net10.0/Hesse.Engine.pdb ||
    { echo "the symbols have no SourceLink"; exit 1; }
