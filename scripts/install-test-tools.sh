#!/usr/bin/env bash
# Installs what the tests need beside Rust and a C compiler, where the system's packages can be installed.
# Tests whose tool is missing say that they were skipped; with TF_REQUIRE_TOOLS set they fail.
set -euo pipefail

declare -A package=([clang]=clang [g++]=g++ [valgrind]=valgrind [nm]=binutils)
missing=()
for tool in "${!package[@]}"; do
  command -v "$tool" >/dev/null || missing+=("${package[$tool]}")
done
[ ${#missing[@]} -eq 0 ] && exit 0

echo "installing ${missing[*]}"
run=()
[ "$(id -u)" -eq 0 ] || run=(sudo -n)
if ! command -v apt-get >/dev/null || ! "${run[@]}" true 2>/dev/null; then
  echo "cannot install ${missing[*]} here; their tests will be skipped"
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
"${run[@]}" apt-get update -q >/dev/null || true
"${run[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null \
  || echo "${missing[*]} could not be installed; their tests will be skipped"
