#!/usr/bin/env bash
# Installs what building and testing dagfix takes, and only what is missing.
#
#   tools/setup.sh          compiler, libraries, tree-sitter sources
#   tools/setup.sh test     and what the end-to-end tests call
#   tools/setup.sh lint     and clang 19 with clang-tidy and clang-format
#   tools/setup.sh fuzz     and clang 19 with libFuzzer
#   tools/setup.sh runtime  and the servers of the tests of `dagfix doctor`, but for what they fetch themselves
#   tools/setup.sh vscode   and what the test of the VS Code extension takes, but for Node.js 20
set -euo pipefail
cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null

packages=(g++ cmake ninja-build libcli11-dev libfmt-dev nlohmann-json3-dev libtomlplusplus-dev
  libre2-dev libssl-dev libcurl4-openssl-dev libyaml-cpp-dev libpugixml-dev libpq-dev libldap-dev libsystemd-dev
  catch2 ca-certificates)
for group in "$@"; do
  case $group in
    test) packages+=(git patch openssl python3 python3-jsonschema python3-venv neovim emacs-nox elpa-eglot) ;;
    lint) packages+=(clang-19 clang-tidy-19 clang-format-19) ;;
    fuzz) packages+=(clang-19 libclang-rt-19-dev) ;;
    runtime) packages+=(python3 python3-dbus python3-gi dbus-daemon openssl postgresql-15 slapd ldap-utils openjdk-17-jre-headless maven) ;;
    vscode) packages+=(chromium make python3 ripgrep) ;;
    *) echo "setup: unknown group '$group' (test, lint, fuzz, runtime, vscode)" >&2; exit 2 ;;
  esac
done

# A Node.js from elsewhere brings its own npm, which Debian's package would conflict with.
npm_major=$(npm --version 2>/dev/null | cut -d. -f1) || true
[[ ${npm_major:-0} -ge 9 ]] || packages+=(npm)

is_installed() {
  dpkg-query --show --showformat='${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

install_packages() {
  local missing=() package
  for package in "${packages[@]}"; do
    is_installed "$package" || missing+=("$package")
  done
  [[ ${#missing[@]} -gt 0 ]] || return 0

  local as_root=()
  [[ $(id -u) -eq 0 ]] || as_root=(sudo)
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive
    apt-get -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
  echo "setup: installing ${missing[*]}"
  "${apt[@]}" update </dev/null
  "${apt[@]}" install --yes --no-install-recommends "${missing[@]}" </dev/null >/dev/null
}

# The copy of the lock file is written last, so that an interrupted download is done again.
install_sources() {
  local installed=tools/npm/node_modules/.installed-lock.json
  cmp -s tools/npm/package-lock.json "$installed" && return
  echo "setup: fetching the tree-sitter sources"
  (cd tools/npm && npm ci --no-progress </dev/null)
  cp tools/npm/package-lock.json "$installed"
}

if command -v apt-get >/dev/null; then
  install_packages
else
  echo "setup: no apt-get here; the build needs the equivalents of: ${packages[*]}" >&2
fi
install_sources
