#!/usr/bin/env bash
# Installs VS Code, as code-server, and the driver of the browser beside this script, if they are missing. The versions are
# those of package-lock.json; code-server brings such a file for what is inside of it. That file lacks a package that an
# optional one wants, so `npm ci` refuses it; `npm install` takes the versions and hashes that it has.
set -euo pipefail
cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" >/dev/null

if ! node -e 'process.exit(process.versions.node.startsWith("20.") ? 0 : 1)'; then
  echo "install: this code-server runs on Node.js 20 only; here is $(node --version)" >&2
  exit 2
fi
cmp -s package-lock.json node_modules/.installed-lock.json && exit

npm ci --no-progress </dev/null

# Headers that came with Node.js need not be fetched.
prefix=$(dirname -- "$(dirname -- "$(realpath -- "$(command -v node)")")")
[[ ! -d $prefix/include/node ]] || export npm_config_nodedir=$prefix

# build MODULE ...: compiles native modules, which nobody needs fast. Of all install scripts only theirs run.
build() {
  CFLAGS=-O0 CXXFLAGS=-O0 npm rebuild "$@" --ignore-scripts=false --dangerously-allow-all-scripts </dev/null
}

build argon2
(
  cd node_modules/code-server/lib/vscode
  npm install --omit=dev --ignore-scripts --no-audit --no-fund --no-progress </dev/null
  # @parcel/watcher comes compiled.
  build @vscode/spdlog native-watchdog
  # The packages' own scripts would fetch a ripgrep and link the rest.
  mkdir -p node_modules/@vscode/ripgrep/bin
  ln -sf "$(command -v rg)" node_modules/@vscode/ripgrep/bin/rg
  ln -sfn node_modules node_modules.asar
  cd extensions
  npm install --omit=dev --ignore-scripts --no-audit --no-fund --no-progress </dev/null
)
cp package-lock.json node_modules/.installed-lock.json
