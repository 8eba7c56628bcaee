#!/usr/bin/env bash
# Installs what is missing, builds dagfix and runs all its tests and checks.
#
#   tools/test.sh [STEP ...]     without arguments: format release sanitize
#
#   format     clang-format finds nothing to change
#   release    optimized build, all tests, the end-to-end ones too
#   tidy       clang-tidy finds nothing
#   sanitize   build with warnings as errors, ASan and UBSan; all tests but the end-to-end ones
#   lint       format and tidy
#   vscode     the VS Code extension: unit tests, then the packaged extension in VS Code; needs Node.js 20
set -euo pipefail
cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null

jobs=$(nproc)

# run_tests PRESET: builds everything of the preset and runs its tests.
run_tests() {
  tools/setup.sh test
  cmake --preset "$1"
  cmake --build --preset "$1" --parallel "$jobs"
  ctest --preset "$1" --parallel "$jobs" </dev/null
}

run_tidy() {
  tools/setup.sh lint
  cmake --preset tidy
  cmake --build --preset tidy
}

run_format() {
  tools/setup.sh lint
  tools/format.sh --check
}

run_vscode() {
  tools/setup.sh vscode
  vscode-extension/test/e2e/install.sh
  tools/vsix.sh build/vscode/dagfix.vsix
  npm --prefix vscode-extension test
  node vscode-extension/test/e2e/session.mjs build/static/dagfix build/vscode/dagfix.vsix build/vscode/pictures
}

run_step() {
  echo "== $1"
  case $1 in
    format) run_format ;;
    release) run_tests release ;;
    tidy) run_tidy ;;
    sanitize) run_tests dev ;;
    lint) run_format; run_tidy ;;
    vscode) run_vscode ;;
    *) echo "test: unknown step '$1' (format, release, tidy, sanitize, lint, vscode)" >&2; exit 2 ;;
  esac
}

[[ $# -gt 0 ]] || set -- format release sanitize
for step in "$@"; do
  run_step "$step"
done
