#!/usr/bin/env bash
# Makes the .vsix for Linux on x86-64, with dagfix inside.
#
#   scripts/package.sh BINARY OUT.vsix
set -euo pipefail
binary=$(realpath -- "${1:?usage: package.sh BINARY OUT.vsix}")
out=$(realpath -m -- "${2:?usage: package.sh BINARY OUT.vsix}")
cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null

cmp -s package-lock.json node_modules/.installed-lock.json || {
  npm ci --no-progress </dev/null
  cp package-lock.json node_modules/.installed-lock.json
}
npm run --silent check
npm run --silent bundle -- --log-level=warning --metafile=out/meta.json
node scripts/notices.mjs out/meta.json >THIRD-PARTY.txt
mkdir -p bin "$(dirname -- "$out")"
cp ../LICENSE LICENSE
strip -o bin/dagfix "$binary"
chmod 755 bin/dagfix
# The project has no public address that relative links could be made absolute with.
npx --no-install vsce package --target linux-x64 --no-dependencies --no-rewrite-relative-links \
  --allow-missing-repository --out "$out"
