#!/usr/bin/env bash
# Measures dagfix next to ast-grep, ruff and LibCST.
#
#   bench/run.sh [TREE [OPTIONS OF measure.py]]     TREE is fixtures/dags unless given
#
# The other tools are installed into build/bench, pinned by hash (package-lock.json, requirements.txt);
# dagfix is built as build/release/dagfix. A good TREE is Kaapana itself:
#
#   git clone --depth 1 --branch 0.3.5 https://github.com/kaapana/kaapana.git
#   bench/run.sh kaapana
set -euo pipefail
tree=$(realpath -- "${1:-$(dirname -- "${BASH_SOURCE[0]}")/../fixtures/dags}")
cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null

place=build/bench
mkdir -p "$place"

cp bench/package.json bench/package-lock.json bench/.npmrc "$place"
if ! cmp -s bench/package-lock.json "$place/node_modules/.installed-lock.json"; then
  (cd "$place" && npm ci --no-progress </dev/null)
  cp bench/package-lock.json "$place/node_modules/.installed-lock.json"
fi
if ! cmp -s bench/requirements.txt "$place/venv/installed.txt"; then
  python3 -m venv "$place/venv"  # Debian: package python3-venv
  "$place/venv/bin/pip" install --quiet --require-hashes --only-binary :all: -r bench/requirements.txt
  cp bench/requirements.txt "$place/venv/installed.txt"
fi
tools/setup.sh
cmake --preset release >/dev/null
cmake --build --preset release --target dagfix --parallel "$(nproc)" >/dev/null

# The executable itself: the one in node_modules/.bin starts Node.js first.
ast_grep=("$place"/node_modules/@ast-grep/cli-*/ast-grep)
exec python3 bench/measure.py "$tree" --dagfix "$PWD/build/release/dagfix" \
  --ast-grep "$PWD/${ast_grep[0]}" --ruff "$PWD/$place/venv/bin/ruff" \
  --python "$PWD/$place/venv/bin/python" "${@:2}"
