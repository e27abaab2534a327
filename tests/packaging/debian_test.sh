#!/usr/bin/env bash
# The packages in a Debian of their own: debian_test.sh BUILD. It needs root, debootstrap and Debian's
# mirror, and takes minutes; `run.sh --stage packages` runs it. $DEBIAN_ROOT names a root that
# `debootstrap --variant=minbase` has made, which is copied and not changed.
# shellcheck source=harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

build=$1
shared=$(mktemp -d "${TMPDIR:-/tmp}/zb-XXXXXX")
export SOURCE_DATE_EPOCH=1790000000
mirror=http://deb.debian.org/debian

clean_up_shared() {
  local point
  for point in "$shared"/*/proc; do umount "$point" 2>/dev/null || true; done
  rm -rf --one-file-system "${shared:?}"
}
trap clean_up_shared EXIT

package() { "$source_dir/packaging/package.sh" --from "$build" --compress none "$@" >/dev/null; }

deb() { printf '%s\n' "$shared/$1/$2"_*.deb; }

skip_without() {
  type -P "$1" >/dev/null && return 1
  printf 'skipped: there is no %s\n' "$1"
}

# Once for all tests: a Debian with what the package depends on.
make_base() {
  [[ -e $shared/base ]] && return
  if [[ -n ${DEBIAN_ROOT:-} ]]; then
    cp -a "$DEBIAN_ROOT" "$shared/base"
  else
    debootstrap --variant=minbase bookworm "$shared/base" "$mirror" >"$shared/debootstrap.log" 2>&1
  fi
  mount -t proc proc "$shared/base/proc"
  cp "$(deb new zbroker)" "$shared/base/root/"
  # What it depends on, and then not it itself.
  in_root base sh -c 'apt-get -q update && apt-get -q -y install --no-install-recommends \
    /root/zbroker_*.deb && dpkg --purge zbroker' >"$shared/base.log" 2>&1 </dev/null
  umount "$shared/base/proc"
}

can_make_root() {
  if ((EUID != 0)); then
    printf 'skipped: a Debian of its own needs root\n'
    return 1
  fi
  if [[ -z ${DEBIAN_ROOT:-} ]] && skip_without debootstrap; then return 1; fi
  make_base || {
    printf 'skipped: there is no Debian to be had from %s\n' "$mirror"
    tail -n 3 "$shared/debootstrap.log" "$shared/base.log" 2>/dev/null || true
    return 1
  }
}

in_root() {
  chroot "$shared/$1" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
    DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "${@:2}"
}

# A fresh copy named `root`, with the packages in /root/old and /root/new.
make_root() {
  rm -rf --one-file-system "$shared/root"
  cp -a --reflink=auto "$shared/base" "$shared/root"
  mount -t proc proc "$shared/root/proc"
  cp -r "$shared/old" "$shared/new" "$shared/root/root/"
}

drop_root() {
  local process
  for process in /proc/[0-9]*; do
    if [[ $(readlink "$process/root" 2>/dev/null) == "$shared/root" ]]; then
      kill "${process#/proc/}" 2>/dev/null || true
    fi
  done
  umount "$shared/root/proc"
}

root() { in_root root "$@"; }

install_new() { root sh -c 'apt-get -q -y install --no-install-recommends /root/new/zbroker_*.deb'; }
install_old() { root sh -c 'dpkg -i /root/old/zbroker_*.deb'; }

one_lease_is_held() { [[ $(root zctl leases --json) == *'"pid"'* ]]; }

test_the_same_build_gives_the_same_bytes() {
  (umask 077 && TZ=Asia/Tokyo LC_ALL=C package --version 2.0 --out again)
  expect_equal "$(cd again && sha256sum -- *.deb)" "$(cd "$shared/new" && sha256sum -- *.deb)"
}

test_lintian_finds_nothing_that_is_not_argued() {
  skip_without lintian && return
  # Not compressing is the test's own, to save its time.
  output=$(lintian --allow-root --fail-on none --suppress-tags \
    uses-no-compression-for-control-tarball,uses-no-compression-for-data-tarball \
    "$(deb new zbroker)" "$(deb new libzbroker-dev)" 2>&1)
  expect_equal "$output" ""
}

test_installed_it_leases_a_slot_and_purged_it_leaves_the_ledger() {
  can_make_root || return 0
  make_root
  expect_status 0 install_new
  expect_status 0 root zctl init --plan pro --yes
  expect_status 0 root zlease -- true
  expect_status 0 root zctl status
  expect_in "$output" "0 of 3 in flight"
  expect_status 0 root apt-get -q -y purge zbroker
  expect_in "$output" ".local/state/zbroker, "
  [[ -s $shared/root/root/.local/state/zbroker/ledger.db ]]
  [[ -s $shared/root/root/.config/zbroker/config.toml ]]
  expect_equal "$(cd "$shared/root" && find usr/bin lib usr/lib usr/share -name '*zbroker*' -o -name zctl -o -name zlease)" ""
  expect_status 1 root dpkg -s zbroker
  drop_root
}

test_install_sh_installs_a_package_and_tries_it() {
  can_make_root || return 0
  make_root
  cp -r "$source_dir/packaging" "$shared/root/root/packaging"
  expect_status 0 root sh -c '/root/packaging/install.sh --deb /root/new/zbroker_*.deb'
  expect_in "$output" "zlease -- true: fine"
  expect_status 1 root sh -c '/root/packaging/install.sh --deb /root/old/zbroker_*.deb'
  expect_in "$output" "is older"
  drop_root
}

test_an_upgrade_cuts_no_held_lease() {
  can_make_root || return 0
  make_root
  expect_status 0 install_old
  mkfifo "$shared/root/root/end"
  root zlease --session held -- cat /root/end >/dev/null &
  local holder=$! old
  wait_until one_lease_is_held
  old=$(<"$shared/root/root/.local/state/zbroker/zbrokerd.lock")
  expect_status 0 install_new
  wait_until one_lease_is_held
  [[ $(<"$shared/root/root/.local/state/zbroker/zbrokerd.lock") != "$old" ]]
  : >"$shared/root/root/end"
  wait "$holder"
  expect_in "$(root zctl ledger --csv)" held
  expect_not_in "$(root zctl ledger --csv)" lost
  drop_root
}

test_a_downgrade_is_refused_with_the_reason() {
  can_make_root || return 0
  make_root
  expect_status 0 install_new
  expect_status 1 install_old
  expect_in "$output" "2.0 is installed, and 1.0 is older"
  expect_in "$(root dpkg -s zbroker)" "Version: 2.0"
  expect_status 0 root zlease -- true
  # As it says: removed first, it may be installed.
  expect_status 0 root apt-get -q -y remove zbroker
  expect_status 0 install_old
  drop_root
}

test_a_removal_ends_the_daemon_and_leaves_the_ledger() {
  can_make_root || return 0
  make_root
  expect_status 0 install_new
  expect_status 0 root zlease -- true
  local pid
  pid=$(<"$shared/root/root/.local/state/zbroker/zbrokerd.lock")
  expect_status 0 root dpkg -r zbroker
  wait_until expect_absent "/proc/$pid" 2>/dev/null
  [[ -s $shared/root/root/.local/state/zbroker/ledger.db ]]
  drop_root
}

package --version 1.0 --out "$shared/old"
package --version 2.0 --out "$shared/new"
run_tests
