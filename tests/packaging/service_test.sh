#!/usr/bin/env bash
# service.sh: the unit files that it writes, and the daemon that it finds.
# shellcheck source=harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
# shellcheck source=../../packaging/progress.sh
source "$source_dir/packaging/progress.sh"
# shellcheck source=../../packaging/debian-packages.sh
source "$source_dir/packaging/debian-packages.sh"
# shellcheck source=../../packaging/service.sh
source "$source_dir/packaging/service.sh"

# What the caller of service.sh sets, with the programs in a folder.
# shellcheck disable=SC2034
set_up() {
  scope=user
  state_dir=$HOME/.local/state/zbroker
  socket=$state_dir/broker.sock
  bin_dir=$1
  unit_source=$source_dir/packaging/systemd/user
  mkdir -p "$bin_dir" "$state_dir"
}

program_of() { sed -n 's/^ExecStart=//p' "$(unit_dir)/zbrokerd.service"; }

test_units_name_the_programs() {
  set_up "$HOME/bin"
  write_units
  expect_in "$(program_of)" "\"$HOME/bin/zbrokerd\" --state-dir"
  expect_status 1 grep -r @BINDIR@ "$(unit_dir)"
}

test_a_path_may_hold_what_units_take_for_syntax() {
  set_up "$HOME/100% \"odd\" \\ &"
  write_units
  expect_in "$(program_of)" "\"$HOME/100%% \\\"odd\\\" \\\\ &/zbrokerd\""
}

test_the_gateways_unit_is_the_users_and_goes_away_again() {
  set_up "$HOME/bin"
  LOG=/dev/null
  service_manager_runs() { return 0; }
  service_control() { printf '%s\n' "$*" >>"$HOME/orders"; }
  offer_gateway
  expect_in "$(<"$(unit_dir)/$gateway_unit")" "ExecStart=\"$HOME/bin/zlease\" gateway"
  expect_in "$(<"$(unit_dir)/zlease-gateway.socket")" "ListenStream=127.0.0.1:8787"
  expect_equal "$(<"$HOME/orders")" "daemon-reload
try-restart $gateway_unit"
  withdraw_gateway
  expect_absent "$(unit_dir)/$gateway_unit"
  expect_absent "$(unit_dir)/zlease-gateway.socket"
  expect_in "$(<"$HOME/orders")" "disable --now zlease-gateway.socket $gateway_unit"
}

# Of both scopes, as far as systemd can say without taking them into use.
test_systemd_finds_nothing_wrong_with_the_units() {
  if ! type -P systemd-analyze >/dev/null; then
    printf 'skipped: there is no systemd-analyze\n'
    return
  fi
  local scope_option unit
  export XDG_RUNTIME_DIR=$HOME
  for scope_option in user system; do
    mkdir "$scope_option"
    for unit in "$source_dir/packaging/systemd/$scope_option"/*; do
      # A program that is there, as systemd looks for it.
      sed 's,@BINDIR@/[a-z]*,/bin/true,' "$unit" >"$scope_option/${unit##*/}"
    done
    expect_status 0 systemd-analyze "--$scope_option" --man=no verify "$scope_option"/*
    expect_equal "$output" ""
  done
  sed 's,"@BINDIR@/zlease",/bin/true,' "$source_dir/packaging/systemd/user/$gateway_unit" \
    >"user/$gateway_unit"
  expect_status 0 systemd-analyze --user --man=no verify "user/$gateway_unit" \
    user/zlease-gateway.socket
  expect_equal "$output" ""
}

# 1.1 of 10 at the time of writing; what is left is the look at other users' processes, which is needed.
test_the_unit_of_the_machine_is_hardened() {
  if ! type -P systemd-analyze >/dev/null; then
    printf 'skipped: there is no systemd-analyze\n'
    return
  fi
  sed 's,@BINDIR@,/usr/bin,' "$source_dir/packaging/systemd/system/zbrokerd.service" \
    >zbrokerd.service
  expect_status 0 systemd-analyze security --offline=true --threshold=20 "$PWD/zbrokerd.service"
}

test_the_daemons_units_have_a_watchdog_that_the_daemon_feeds() {
  local scope_option
  for scope_option in user system; do
    output=$(<"$source_dir/packaging/systemd/$scope_option/zbrokerd.service")
    expect_in "$output" $'\nType=notify\n'
    expect_in "$output" $'\nWatchdogSec='
  done
}

test_no_daemon_is_found_where_none_is() {
  set_up "$HOME/bin"
  expect_status 1 daemon_pid
}

test_a_pid_of_a_daemon_that_has_died_is_nobody() {
  set_up "$HOME/bin"
  printf '%d\n' $$ >"$state_dir/zbrokerd.lock"
  expect_status 1 daemon_pid
}

# A program of that name, which ends when something is written to the pipe `end`. Its pid is $!.
start_namesake() {
  cp "$(type -P cat)" bin/zbrokerd
  mkfifo end
  bin/zbrokerd end >/dev/null 2>&1 &
  namesake=$! # waiting may change what $! is
  wait_until runs_namesake "$namesake"
  printf '%d\n' "$namesake" >"$state_dir/zbrokerd.lock"
}

runs_namesake() { [[ $(readlink "/proc/$1/exe") == "$HOME/bin/zbrokerd" ]]; }

test_a_namesake_that_holds_no_lock_is_not_the_daemon() {
  set_up "$HOME/bin"
  start_namesake
  expect_status 1 daemon_pid
  : >end
  wait "$namesake"
}

test_the_holder_of_the_lock_is_the_daemon() {
  set_up "$HOME/bin"
  start_namesake 9>"$state_dir/zbrokerd.lock"
  expect_status 0 daemon_pid
  expect_equal "$output" "$namesake"
  : >end
  wait "$namesake"
}

run_tests
