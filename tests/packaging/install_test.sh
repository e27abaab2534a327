#!/usr/bin/env bash
# install.sh with a finished build, in a home of its own: install_test.sh BUILD
# shellcheck source=harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

build=$1

# Where the daemon's files are is said here, so that a broker of this machine is not found.
install_sh() {
  ZBROKER_STATE_DIR=$HOME/.local/state/zbroker "$source_dir/packaging/install.sh" "$@"
}

zbroker() {
  ZBROKER_STATE_DIR=$HOME/.local/state/zbroker "$HOME/.local/bin/$1" "${@:2}"
}

expect_installed() {
  expect_status 0 install_sh --from "$build" --prefix "$HOME/.local"
}

daemon_pid() { cat "$HOME/.local/state/zbroker/zbrokerd.lock"; }

daemon_is_gone() { [[ ! -e /proc/$1 ]]; }

one_lease_is_held() { [[ $(zbroker zctl leases --json) == *'"pid"'* ]]; }

test_installs_what_was_built_and_tries_it() {
  local path
  expect_installed
  expect_in "$output" "zlease -- true: fine"
  expect_in "$output" "0 of 3 in flight"
  expect_in "$output" "Done in "
  for path in zbrokerd zctl zlease; do expect_equal "$(stat -c %a ".local/bin/$path")" 755; done
  expect_equal "$(stat -c %a .local/share/doc/zbroker/config.example.toml)" 644
  expect_equal "$(head -n 1 .local/share/doc/zbroker/config.example.toml)" \
    "#:schema $PWD/.local/share/zbroker/config.schema.json"
  test -s .local/share/zbroker/config.schema.json
  expect_in "$(zbroker zctl ledger --csv)" install.sh
}

test_installs_all_that_cmake_would() {
  DESTDIR=$HOME/cmake cmake --install "$build" --prefix / >/dev/null
  expect_installed
  local file
  (cd cmake && find . -type f) | while read -r file; do [[ -e .local/$file ]]; done
}

test_pages_and_completions_are_found_where_they_are_looked_for() {
  expect_installed
  [[ -s .local/share/man/man1/zctl.1 && -s .local/share/man/man8/zbrokerd.8 ]]
  [[ -s .local/share/bash-completion/completions/zlease ]]
  [[ -s .local/share/zsh/site-functions/_zctl ]]
  [[ -s .local/share/fish/vendor_completions.d/zctl.fish ]]
}

test_example_configuration_is_valid() {
  mkdir -p .config/zbroker
  expect_installed
  cp .local/share/doc/zbroker/config.example.toml .config/zbroker/config.toml
  expect_status 0 zbroker zctl reload
}

test_leaves_the_mode_of_a_folder_that_is_there() {
  install -d -m 0700 .local/bin
  expect_installed
  expect_equal "$(stat -c %a .local/bin)" 700
}

test_names_the_path_only_where_it_is_needed() {
  expect_installed
  # shellcheck disable=SC2016
  expect_in "$output" 'export PATH="$HOME/.local/bin:$PATH"'
  PATH=$HOME/.local/bin:$PATH expect_installed
  expect_not_in "$output" "export PATH"
}

test_a_prefix_may_hold_anything() {
  local prefix="$HOME/it's 100% \"odd\""
  expect_status 0 install_sh --from "$build" --prefix="$prefix"
  expect_status 0 install_sh --uninstall --prefix "$prefix"
  expect_absent "$prefix/bin/zlease"
}

test_again_is_an_upgrade_that_held_leases_survive() {
  expect_installed
  local old holder
  old=$(daemon_pid)
  mkfifo end
  zbroker zlease --session held -- cat end >/dev/null &
  holder=$!
  wait_until one_lease_is_held
  expect_installed
  expect_in "$output" "1 of 3 in flight"
  [[ $(daemon_pid) != "$old" ]]
  wait_until daemon_is_gone "$old"
  : >end
  wait "$holder"
  expect_in "$(zbroker zctl ledger --csv)" held
  expect_not_in "$(zbroker zctl ledger --csv)" lost
}

test_upgrade_removes_what_there_is_no_more_of() {
  expect_installed
  printf 'bin/zold\n' >>.local/share/zbroker/files
  touch .local/bin/zold
  expect_installed
  expect_absent .local/bin/zold
  [[ -x .local/bin/zlease ]]
}

test_list_of_files_leads_nowhere_else() {
  expect_installed
  touch .local/precious precious
  printf '%s\n' precious ../precious bin/../precious bin/../../precious / >>.local/share/zbroker/files
  expect_installed
  printf '%s\n' precious ../precious bin/../precious bin/../../precious / >>.local/share/zbroker/files
  expect_status 0 install_sh --uninstall --prefix "$HOME/.local"
  [[ -e .local/precious && -e precious ]]
}

test_uninstall_leaves_the_ledger_only() {
  expect_installed
  local pid
  pid=$(daemon_pid)
  touch .local/bin/other
  expect_status 0 install_sh --uninstall --prefix "$HOME/.local"
  expect_in "$output" "ledger and the log stay in $HOME/.local/state/zbroker"
  wait_until daemon_is_gone "$pid"
  [[ -s .local/state/zbroker/ledger.db ]]
  expect_equal "$(cd .local && find bin share -type f)" bin/other
}

test_uninstall_twice_is_harmless() {
  expect_installed
  expect_status 0 install_sh --uninstall --prefix "$HOME/.local"
  expect_status 0 install_sh --uninstall --prefix "$HOME/.local"
  expect_in "$output" "nothing was installed there"
}

test_what_was_installed_before_is_found_again() {
  expect_installed
  expect_status 0 install_sh --uninstall --prefix "$HOME/.local"
  expect_installed
  expect_in "$output" "2 granted"
}

test_a_configuration_that_is_wrong_is_named() {
  mkdir -p .config/zbroker
  printf 'nonsense = 1\n' >.config/zbroker/config.toml
  expect_status 1 install_sh --from "$build" --prefix "$HOME/.local"
  expect_in "$output" "config.toml"
  expect_in "$output" "nonsense"
  expect_in "$output" "run this again"
}

test_a_folder_that_is_no_build_is_refused() {
  mkdir no-build
  expect_status 1 install_sh --from no-build
  expect_in "$output" "no-build is no build folder"
  expect_in "$output" "cmake --preset release"
}

test_an_unfinished_build_is_named() {
  mkdir half
  printf 'message(FATAL_ERROR "there is no zlease")\n' >half/cmake_install.cmake
  expect_status 1 install_sh --from half
  expect_in "$output" "there is no zlease"
  expect_absent .local/bin
}

test_a_package_that_is_not_there_is_named() {
  expect_status 1 install_sh --deb no.deb
  expect_in "$output" "can't read no.deb"
}

test_a_package_goes_where_it_says() {
  expect_status 2 install_sh --deb no.deb --prefix "$HOME"
  expect_status 2 install_sh --deb no.deb --system
  expect_status 2 install_sh --deb no.deb --uninstall
  expect_in "$output" "apt purge zbroker"
}

test_wrong_usage_is_status_2() {
  local wrong
  for wrong in --nonsense nonsense --prefix --prefix= --jobs=0 --jobs=x --from --deb; do
    expect_status 2 install_sh "$wrong"
    expect_in "$output" "Usage: install.sh"
  done
  expect_absent .local
}

test_help_changes_nothing() {
  expect_status 0 install_sh --help
  expect_in "$output" "--uninstall"
  expect_equal "$(find . -mindepth 1)" ""
}

run_tests
