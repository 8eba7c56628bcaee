#!/usr/bin/env bash
# Formats all C++ files; with --check only names those that are not formatted, and fails.
set -euo pipefail
cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null

mode=(-i)
[[ ${1:-} != --check ]] || mode=(--dry-run -Werror)
find bench cmake include src tests -name node_modules -prune -o -name '*.[ch]pp' -print0 |
  sort -z | xargs -0 clang-format-19 "${mode[@]}"
