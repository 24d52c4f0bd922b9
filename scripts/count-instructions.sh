#!/usr/bin/env bash
# How many instructions an event costs, which repeats from run to run: `make bench` calls it. Needs valgrind.
set -euo pipefail
cd "$(dirname "$0")/.."
CARGO=${CARGO:-cargo}

program=$("$CARGO" bench --locked --features bench --bench streams --no-run --message-format=json |
  sed -n 's/.*"executable":"\([^"]*streams-[^"]*\)".*/\1/p')
counts=$(mktemp)
trap 'rm -f "$counts"' EXIT

# Instructions of the whole process that does a piece of work so many times.
instructions() {
  valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" count "$1" "$2" 2>"$counts"
  sed -n 's/.*Collected : //p' "$counts"
}

# The difference of two runs leaves out what both do at their start and end.
decoded() {
  local few many
  few=$(instructions "$1" 2)
  many=$(instructions "$1" 12)
  echo $(((many - few) / 10 / 2048))
}

polled() {
  local filled taken
  filled=$(instructions poll-none 4)
  taken=$(instructions "$1" 4)
  echo $(((taken - filled) / 4 / 4096))
}

printf '\n%-8s %8s %8s %8s %8s\n' "records" "skip" "short" "serde" "ratio"
for kind in quotes trades depth; do
  skip=$(decoded "$kind-skip")
  short=$(decoded "$kind-short")
  serde=$(decoded "$kind-serde")
  printf '%-8s %8d %8d %8d %7d%%\n' "$kind" "$skip" "$short" "$serde" $((100 * short / skip))
done
rust=$(polled poll-rust)
c=$(polled poll-c)
printf '\n%-8s %8s %8s %8s\n%-8s %8d %8d %8d\n' "" "queue" "C" "beyond" "poll" "$rust" "$c" $((c - rust))
