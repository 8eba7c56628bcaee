#!/usr/bin/env bash
# Builds the fuzz targets and runs each of them.
#
#   tests/fuzz/run.sh [SECONDS [TARGET ...]]     60 seconds, all targets
#
# New inputs are kept in build/fuzz/corpus/, inputs that break something in build/fuzz/. To look at
# one: build/fuzz/tests/fuzz/TARGET FILE
set -euo pipefail
cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." >/dev/null

seconds=${1:-60}
targets=("${@:2}")
[[ ${#targets[@]} -gt 0 ]] || targets=(fuzz_any_bytes fuzz_valid_python fuzz_lsp)

cmake --preset fuzz
cmake --build --preset fuzz --target "${targets[@]}"
for target in "${targets[@]}"; do
  name=${target#fuzz_}
  mkdir -p "build/fuzz/corpus/$name"
  corpora=("build/fuzz/corpus/$name")
  [[ ! -d tests/fuzz/corpus/$name ]] || corpora+=("tests/fuzz/corpus/$name")
  options=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1
    -artifact_prefix="build/fuzz/$name-")
  case $name in
    # Any Python file is an input of this one.
    any_bytes) corpora+=(fixtures); options+=(-max_len=16384 -dict=tests/fuzz/python.dict) ;;
    # A session of some twenty messages.
    lsp) options+=(-max_len=160 -len_control=10) ;;
    *) options+=(-max_len=1024) ;;
  esac
  echo "== $target"
  # Where memory came from is not recorded: a quarter of the time. Running TARGET FILE tells it.
  ASAN_OPTIONS="malloc_context_size=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}" \
    "build/fuzz/tests/fuzz/$target" "${options[@]}" "${corpora[@]}"
done
