#!/usr/bin/env bash
# debian-packages.sh against programs that play Debian's.
# shellcheck disable=SC2016  # what they run is expanded by them
# shellcheck source=harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

# A Debian where `here` lists the installed packages, `known` all that apt knows of, and `calls` what
# was asked of apt and sudo. A file `sudo-says-no` or `apt-fails` makes them fail.
play_debian() {
  local tool
  mkdir bin
  for tool in bash cat cut env grep sed sleep tail tr; do ln -s "$(type -P $tool)" bin/$tool; done
  play dpkg-query 'for name; do ! grep -qxF -- "$name" here || echo "$name installed"; done'
  play apt-cache 'grep -qxF -- "$2" known'
  play apt-get 'echo "apt-get $*" >>calls; [ ! -e apt-fails ] || { echo "E: no network"; exit 100; }'
  printf '%s\n' build-essential cmake >here
  printf '%s\n' build-essential cmake ninja-build ccache >known
  touch calls
}

play() { printf '#!%s\n%s\n' "$(type -P bash)" "$2" >"bin/$1" && chmod +x "bin/$1"; }

play_sudo() {
  play sudo 'echo "sudo $1" >>calls; [ ! -e sudo-says-no ] || exit 1
    case $1 in -n) shift ;; -v) exit 0 ;; esac; exec "$@"'
}

# Calls ensure_packages in a shell of its own: for root, or for somebody else.
ensure() {
  local who=$1
  shift
  (
    PATH=$HOME/bin
    # shellcheck disable=SC2034
    LOG=$HOME/log
    # shellcheck source=../../packaging/progress.sh
    source "$source_dir/packaging/progress.sh"
    # shellcheck source=../../packaging/debian-packages.sh
    source "$source_dir/packaging/debian-packages.sh"
    if [[ $who == root ]]; then is_root() { true; }; else is_root() { false; }; fi
    ensure_packages "$@"
  )
}

installs() { grep ' install ' calls; }

test_nothing_is_asked_for_when_nothing_is_missing() {
  play_debian
  expect_status 0 ensure somebody cmake build-essential
  expect_in "$output" "nothing is missing"
  expect_equal "$(cat calls)" ""
}

test_root_installs_what_is_missing_and_no_more() {
  play_debian
  expect_status 0 ensure root cmake ninja-build
  expect_in "$output" "to install: ninja-build"
  expect_in "$(installs)" "--no-install-recommends ninja-build"
  expect_not_in "$(cat calls)" cmake
}

test_somebody_installs_through_sudo() {
  play_debian
  play_sudo
  expect_status 0 ensure somebody ninja-build
  expect_in "$(cat calls)" "sudo env"
  expect_in "$(installs)" ninja-build
}

test_without_sudo_the_error_names_what_is_missing() {
  play_debian
  expect_status 1 ensure somebody cmake ninja-build
  expect_in "$output" "to install: ninja-build"
  expect_in "$output" "there is no sudo"
  expect_in "$output" "apt-get install ninja-build"
  expect_equal "$(cat calls)" ""
}

test_a_sudo_that_refuses_is_an_error_too() {
  play_debian
  play_sudo
  touch sudo-says-no
  expect_status 1 ensure somebody ninja-build
  expect_in "$output" "sudo refused"
  expect_in "$output" "apt-get install ninja-build"
  expect_not_in "$(cat calls)" "apt-get"
}

test_nobody_is_asked_for_a_password_just_for_what_is_optional() {
  play_debian
  play_sudo
  touch sudo-says-no
  expect_status 0 ensure somebody cmake --optional ccache
  expect_in "$output" "not asking for root just for ccache"
  expect_not_in "$(cat calls)" "sudo -v"
}

test_optional_packages_come_along_where_apt_knows_them() {
  play_debian
  expect_status 0 ensure root cmake --optional ccache mold
  expect_in "$(installs)" ccache
  expect_not_in "$(installs)" mold
}

test_a_failed_installation_shows_what_apt_said() {
  play_debian
  touch apt-fails
  expect_status 1 ensure root ninja-build
  expect_in "$output" "E: no network"
  expect_in "$output" "apt-get could not install"
}

test_another_system_is_told_what_to_install() {
  play_debian
  rm bin/dpkg-query
  expect_status 1 ensure root cmake ninja-build
  expect_in "$output" "not Debian or Ubuntu"
  expect_in "$output" "cmake ninja-build"
}

run_tests
