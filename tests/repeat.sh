#!/usr/bin/env bash
# Runs the whole test command several times on a machine that is kept busy, and lists every test
# that failed in any of the runs: one that fails now and then is a bug, in the test or in what it
# tests.
set -euo pipefail

usage() {
  cat <<END
Usage: repeat.sh [TIMES] [OPTIONS OF run.sh]

Runs tests/run.sh TIMES times (5 by default) beside "stress-ng --cpu 4". The logs of each run are
kept in build/test-logs/repeat. The exit status is 0 only if every run was fine.
END
}

source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
logs=$source_dir/build/test-logs
kept=$logs/repeat
times=5
case ${1:-} in
  -h | --help) usage && exit ;;
  [1-9]*) times=$1 && shift ;;
esac

if ! command -v stress-ng >/dev/null; then
  printf 'repeat.sh: there is no stress-ng; install the package of that name\n' >&2
  exit 2
fi
stress-ng --cpu 4 --quiet &
load=$!
trap 'kill "$load" 2>/dev/null; wait "$load" 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM

# The tests that failed, by the logs of one run, and the stages.
failures() {
  local folder=$1
  grep -hoE '^\[  FAILED  \] [A-Za-z0-9_]+[./][A-Za-z0-9_./]+' "$folder"/*.log | cut -c 14- || true
  grep -hoE '^ *[0-9]+ - [A-Za-z0-9_]+ \(.*\)$' "$folder"/*.log | sed -E 's/^ *[0-9]+ - //' || true
  grep -hoE '^ *not ok [0-9]+ - .*$' "$folder"/*.log | sed -E 's/^ *not ok [0-9]+ - //' || true
  grep -hE '^[a-z0-9]+ +FAILED ' "$folder"/run.log | sed -E 's/^([a-z0-9]+) .*/stage \1/' || true
}

rm -rf "$kept"
mkdir -p "$kept"
bad=0
for ((run = 1; run <= times; run++)); do
  mkdir "$kept/$run"
  status=0
  "$source_dir/tests/run.sh" "$@" >"$kept/$run/run.log" 2>&1 || status=$?
  cp "$logs"/*.log "$kept/$run"
  printf 'run %d: %s\n' "$run" "$(tail -n 1 "$kept/$run/run.log")"
  ((status == 0)) && continue
  bad=$((bad + 1))
  failures "$kept/$run" | sort -u | tee "$kept/$run/failed"
done

printf '\n%d of %d runs were fine\n' $((times - bad)) "$times"
((bad == 0)) && exit
printf 'in how many runs each failed:\n'
cat "$kept"/*/failed | sort | uniq -c | sort -rn
exit 1
