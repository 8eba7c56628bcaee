#!/usr/bin/env bash
# Neovim with its own client: tests/lsp/neovim.sh DAGFIX
set -euo pipefail
dagfix=$(realpath -- "$1")
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
command -v nvim >/dev/null || { echo "neovim.sh: nvim is not installed" >&2; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
source "$here/session.sh"

make_folder "$folder"
# A home of its own: nobody's configuration.
(cd "$folder" && HOME=$folder XDG_STATE_HOME=$folder/state DAGFIX=$dagfix \
  timeout 60 nvim --headless --clean -n -c "luafile $here/neovim.lua" </dev/null)
check_folder "$folder" "$dagfix"
echo "neovim.sh: $(nvim --version | head -n 1): all right"
