#!/usr/bin/env bash
# What `zctl completion` prints, in the shells that it is for: completion_test.sh BUILD
# shellcheck source=harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

PATH=$1/bin:$PATH

# What bash would offer for the words, the last of which is at the cursor.
complete_in_bash() {
  (
    # shellcheck source=/dev/null
    source <(zctl completion bash)
    # shellcheck disable=SC2034
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _zbroker
    printf '%s\n' "${COMPREPLY[@]}"
  )
}

one_lease_is_held() { [[ $(zctl leases --json) == *'"pid"'* ]]; }

test_each_shell_takes_its_script() {
  local shell
  for shell in bash zsh fish; do
    expect_status 0 zctl completion "$shell"
    printf '%s\n' "$output" >"$shell.script"
    if type -P "$shell" >/dev/null; then
      expect_status 0 "$shell" -n "$shell.script"
    else
      printf 'SKIPPED: there is no %s to try its script in\n' "$shell"
    fi
  done
  expect_status 2 zctl completion tcsh
  expect_in "$output" "bash, zsh or fish"
}

test_every_subcommand_of_the_help_is_offered() {
  local name found
  found=$(complete_in_bash zctl "")
  for name in $(zctl --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
    expect_in $'\n'"$found"$'\n' $'\n'"$name"$'\n'
  done
  expect_in "$found" doctor
}

test_every_option_of_the_help_is_offered() {
  local program name found
  for program in zctl zlease zbrokerd; do
    found=$(complete_in_bash "$program" "--")
    for name in $("$program" --help | sed -n 's/^  \(-.,\)\?\(--[a-z-]*\).*/\2/p'); do
      expect_in $'\n'"$found"$'\n' $'\n'"$name"$'\n'
    done
  done
}

test_what_can_be_set_up_is_offered() {
  local found
  found=$(complete_in_bash zctl setup "")
  expect_in $'\n'"$found"$'\n' $'\n'claude$'\n'
  expect_equal "$(complete_in_bash zctl setup m)" mcp
  expect_in "$(complete_in_bash zctl setup mcp "--")" --unwrap
}

test_without_a_daemon_it_is_silent_and_starts_none() {
  expect_status 0 zctl __complete zctl revoke ""
  expect_equal "$output" ""
  expect_status 0 zctl __complete zctl pause --session ""
  expect_equal "$output" ""
  expect_equal "$(find . -mindepth 1)" ""
}

test_live_leases_and_sessions_are_offered() {
  local holder
  mkfifo end
  zlease --session nightly -- cat end >/dev/null &
  holder=$!
  wait_until one_lease_is_held
  expect_equal "$(complete_in_bash zctl revoke "")" 1
  expect_equal "$(complete_in_bash zctl ledger --session n)" nightly
  expect_equal "$(complete_in_bash zctl pause --account "")" default
  : >end
  wait "$holder"
}

run_tests
