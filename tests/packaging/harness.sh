# shellcheck shell=bash
# Runs the functions named test_* of the script that sources this, each in a shell and a home of its
# own; the script ends with `run_tests`. A test fails when one of its commands does.
set -euo pipefail

# shellcheck disable=SC2034  # for the script that sources this
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)

# Fails the test unless the text holds the part.
expect_in() {
  local text=$1 part=$2
  [[ $text == *"$part"* ]] && return
  printf 'Expected in it: %s\nThe text: %s\n' "$part" "$text" >&2
  return 1
}

expect_not_in() {
  local text=$1 part=$2
  [[ $text != *"$part"* ]] && return
  printf 'Not expected in it: %s\nThe text: %s\n' "$part" "$text" >&2
  return 1
}

expect_equal() {
  [[ $1 == "$2" ]] && return
  printf 'Expected: %s\nActual:   %s\n' "$2" "$1" >&2
  return 1
}

expect_absent() {
  [[ ! -e $1 ]] && return
  printf 'Expected to be absent: %s\n' "$1" >&2
  return 1
}

# Runs a command that should end with a status; leaves what it prints, errors included, in $output.
expect_status() {
  local expected=$1 status=0
  shift
  output=$("$@" 2>&1 </dev/null) || status=$?
  ((status == expected)) && return
  printf 'Expected status %d, was %d: %s\n%s\n' "$expected" "$status" "$*" "$output" >&2
  return 1
}

# Looks every few milliseconds until the command succeeds, for ten seconds.
wait_until() {
  local deadline=$((SECONDS + 10))
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    read -rt 0.02 <> <(:) || true
  done
}

# What is left of a test: its daemon, its background jobs and its files.
clean_up_test() {
  local pid
  pid=$(cat "$HOME/.local/state/zbroker/zbrokerd.lock" 2>/dev/null) || pid=
  if [[ $pid =~ ^[1-9][0-9]*$ && $(readlink "/proc/$pid/exe") == */zbrokerd* ]]; then
    kill "$pid" || true
  fi
  for pid in $(jobs -p); do kill "$pid" 2>/dev/null || true; done
  rm -rf "${HOME:?}"
}

# Not within a condition: that would switch off that a failed command ends the test.
run_test() {
  local name
  for name in "${!ZBROKER_@}" "${!ZLEASE_@}" "${!XDG_@}"; do unset "$name"; done
  HOME=$(mktemp -d "${TMPDIR:-/tmp}/zb-XXXXXX")
  export HOME
  trap clean_up_test EXIT
  cd "$HOME"
  "$1"
}

run_tests() {
  local name status failed=0
  for name in $(compgen -A function test_); do
    set +e
    (set -e && run_test "$name")
    status=$?
    set -e
    if ((status == 0)); then printf 'ok      %s\n' "$name"; else printf 'FAILED  %s\n' "$name"; fi
    failed=$((failed + (status != 0)))
  done
  ((failed == 0))
}
