#!/usr/bin/env bash
# Installs what is missing, builds dagfix and runs all its tests and checks.
#
#   tools/test.sh [STEP ...]     without arguments: format release vscode sanitize runtime
#
#   format     clang-format finds nothing to change
#   release    optimized build, all tests, the end-to-end ones too but for those of the step runtime
#   tidy       clang-tidy finds nothing
#   sanitize   build with warnings as errors, ASan and UBSan; all tests but the end-to-end ones, and but those that
#              only repeat for minutes, for other versions or at random, what others do once
#   runtime    the tests of `dagfix doctor` with real services; what cannot be had is skipped by name
#   lint       format and tidy
#   vscode     the VS Code extension: unit tests, then the packaged extension in VS Code; needs Node.js 20,
#              without which a run without arguments leaves it out and says so
#   vsix       the same with the package that is shipped, whose dagfix is linked statically
set -euo pipefail
cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null

jobs=$(nproc)

# run_tests PRESET: builds everything of the preset and runs its tests.
run_tests() {
  tools/setup.sh test
  cmake --preset "$1" -D DAGFIX_UNITY=ON
  cmake --build --preset "$1" --parallel "$jobs"
  ctest --preset "$1" --parallel "$jobs" </dev/null
}

run_runtime() {
  tools/setup.sh test runtime
  cmake --preset release
  cmake --build --preset release --target dagfix --parallel "$jobs"
  # Servers that start, and time-outs, leave processors idle.
  local log=build/release/runtime.log
  ctest --preset runtime --parallel $((2 * jobs)) </dev/null | tee "$log"
  grep -o 'SKIPPED: .*' "$log" | sort -u | sed 's/^/== /' || true
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

has_node_20() {
  [[ $(node --version 2>/dev/null) == v20.* ]]
}

# install_vscode: VS Code and what drives it. Nothing here may keep a run waiting for ever.
install_vscode() {
  has_node_20 || { echo "test: the extension is tested with Node.js 20; here is $(node --version 2>&1)" >&2; exit 2; }
  timeout 600 tools/setup.sh vscode
  timeout 600 vscode-extension/test/e2e/install.sh
}

# use_extension DAGFIX VSIX: unit tests, then what a user does, in VS Code.
use_extension() {
  timeout 120 npm --prefix vscode-extension test
  timeout --kill-after=10 600 node vscode-extension/test/e2e/session.mjs "$1" "$2" build/vscode/pictures
}

# The package gets the executable of the preset "release": one built for the package alone takes minutes.
run_vscode() {
  install_vscode
  cmake --preset release
  cmake --build --preset release --parallel "$jobs" --target dagfix
  timeout 600 vscode-extension/scripts/package.sh build/release/dagfix build/vscode/dagfix.vsix
  use_extension build/release/dagfix build/vscode/dagfix.vsix
}

run_vsix() {
  install_vscode
  tools/vsix.sh build/vscode/dagfix-linux-x64.vsix
  use_extension build/static/dagfix build/vscode/dagfix-linux-x64.vsix
}

run_step() {
  echo "== $1"
  case $1 in
    format) run_format ;;
    release) run_tests release ;;
    tidy) run_tidy ;;
    sanitize) run_tests dev ;;
    runtime) run_runtime ;;
    lint) run_format; run_tidy ;;
    vscode) run_vscode ;;
    vsix) run_vsix ;;
    *) echo "test: unknown step '$1' (format, release, tidy, sanitize, runtime, lint, vscode, vsix)" >&2; exit 2 ;;
  esac
}

skipped=
if [[ $# -eq 0 ]]; then
  set -- format release sanitize runtime
  if has_node_20; then
    set -- format release vscode sanitize runtime
  else
    skipped="vscode: needs Node.js 20, here is $(node --version 2>/dev/null || echo none)"
  fi
fi
[[ -z $skipped ]] || echo "== SKIPPED: $skipped"
for step in "$@"; do
  run_step "$step"
done
[[ -z $skipped ]] || echo "== SKIPPED: $skipped"
