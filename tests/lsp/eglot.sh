#!/usr/bin/env bash
# Emacs with eglot: tests/lsp/eglot.sh DAGFIX
set -euo pipefail
dagfix=$(realpath -- "$1")
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
command -v emacs >/dev/null || { echo "eglot.sh: emacs is not installed" >&2; exit 77; }
emacs --batch --eval "(package-initialize)" --eval "(require 'eglot)" 2>/dev/null ||
  { echo "eglot.sh: eglot is not installed" >&2; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
source "$here/session.sh"

make_folder "$folder"
(cd "$folder" && HOME=$folder DAGFIX=$dagfix LC_ALL=C.UTF-8 \
  timeout 120 emacs --batch --eval "(package-initialize)" --load "$here/eglot.el" </dev/null)
check_folder "$folder" "$dagfix"
echo "eglot.sh: $(emacs --version | head -n 1): all right"
