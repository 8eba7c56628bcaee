#!/usr/bin/env bash
# Builds a dagfix that runs on any Linux on x86-64 and packages it with the VS Code extension.
#
#   tools/vsix.sh [OUT.vsix]     default: build/dagfix-linux-x64.vsix
set -euo pipefail
out=$(realpath -m -- "${1:-$(dirname -- "${BASH_SOURCE[0]}")/../build/dagfix-linux-x64.vsix}")
cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null

tools/setup.sh
cmake --preset static
cmake --build --preset static --parallel "$(nproc)"
vscode-extension/scripts/package.sh build/static/dagfix "$out"
