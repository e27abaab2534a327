#!/usr/bin/env bash
# Installs zbroker from this source tree: packages, build, programs, service, and a lease to see
# that all of it works.
set -euo pipefail

packaging=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
source_dir=${packaging%/*}
# shellcheck source=progress.sh
source "$packaging/progress.sh"
# shellcheck source=debian-packages.sh
source "$packaging/debian-packages.sh"
# shellcheck source=files.sh
source "$packaging/files.sh"
# shellcheck source=service.sh
source "$packaging/service.sh"

scope=user
prefix=
jobs=
ready_build=
package=
with_packages=true
with_service=true
uninstall=false
LOG=/dev/null

usage() {
  cat <<END
Usage: install.sh [OPTIONS]

Installs what the build needs, builds zbroker, installs its programs, and starts the service where
systemd runs; elsewhere the daemon starts when it is first needed. Running it again upgrades: a
running daemon is restarted, and held leases go on.

  --system      for all members of the group zbroker: one daemon for the machine, on
                /run/zbroker/broker.sock, its ledger in /var/lib/zbroker (default: for you alone)
  --prefix DIR  programs go to DIR/bin (default: ~/.local; /usr/local for root and --system)
  --from BUILD  install what is in the build folder BUILD, and build nothing
  --deb FILE    install the Debian package FILE, as package.sh makes it, and build nothing
  --no-deps     install no packages
  --no-service  leave systemd out of it: the daemon starts when it is first needed
  --jobs N      compile N files at a time (default: as processors and memory allow)
  --uninstall   stop the daemon, remove programs and service; the ledger stays
  --help        print this
END
}

parse_options() {
  while (($# > 0)); do
    case $1 in
      --system) scope=system ;;
      --prefix=* | --jobs=* | --from=* | --deb=*) set_value "${1%%=*}" "${1#*=}" ;;
      --prefix | --jobs | --from | --deb)
        (($# > 1)) || usage_error "$1 needs a value"
        set_value "$1" "$2"
        shift
        ;;
      --no-deps) with_packages=false ;;
      --no-service) with_service=false ;;
      --uninstall) uninstall=true ;;
      -h | --help) usage && exit ;;
      *) usage_error "unknown option $1" ;;
    esac
    shift
  done
  if [[ -n $package && ($scope == system || -n $prefix$ready_build || $uninstall == true) ]]; then
    usage_error "--deb says where everything goes; \`apt purge zbroker\` removes it"
  fi
}

set_value() {
  [[ -n $2 ]] || usage_error "$1 needs a value"
  case $1 in
    --prefix) prefix=$2 ;;
    --from) ready_build=$2 ;;
    --deb) package=$2 ;;
    --jobs)
      [[ $2 =~ ^[1-9][0-9]*$ ]] || usage_error "--jobs takes a number above 0, not $2"
      jobs=$2
      ;;
  esac
}

usage_error() {
  printf 'install.sh: %s\n\n' "$1" >&2
  usage >&2
  exit 2
}

# Settles where everything goes.
choose_places() {
  local home
  home=$(getent passwd "$EUID" | cut -d: -f6)
  : "${HOME:=$home}"
  # sudo may leave root with the home of another, where root's files would be in the way.
  if ((EUID == 0)) && [[ -n $home && -d $HOME && ! -O $HOME ]]; then HOME=$home; fi
  export HOME
  if [[ -z $prefix ]]; then
    if ((EUID == 0)) || [[ $scope == system ]]; then prefix=/usr/local; else prefix=$HOME/.local; fi
  fi
  prefix=$(realpath -m -- "$prefix")
  bin_dir=$prefix/bin
  unit_source=$packaging/systemd/$scope
  if [[ $scope == system ]]; then
    # The machine's daemon is where it is, whatever this shell has set for its own.
    unset ZBROKER_STATE_DIR ZBROKER_CONFIG
    state_dir=/var/lib/zbroker
    export ZBROKER_SOCKET=/run/zbroker/broker.sock
    socket=$ZBROKER_SOCKET
  else
    state_dir=${ZBROKER_STATE_DIR:-$HOME/.local/state/zbroker}
    socket=${ZBROKER_SOCKET:-$state_dir/broker.sock}
  fi
}

step_number=0
steps_total=5
step() {
  step_number=$((step_number + 1))
  printf '[%d/%d] %s\n' "$step_number" "$steps_total" "$1"
}

# A build folder of our own, so that a developer's settings in build/release stay; in the cache when
# the source tree is another's, whom our files would be in the way of.
choose_build_dir() {
  local folder=${XDG_CACHE_HOME:-$HOME/.cache}/zbroker
  build_dir=$folder/build
  if [[ -z $ready_build && -O $source_dir && -w $source_dir ]]; then
    folder=$source_dir/build/install
    build_dir=$folder
  fi
  if ! mkdir -p "$folder" || [[ ! -w $folder ]]; then
    fail "can't write to $folder" "It is where zbroker is built: see who owns it."
  fi
  LOG=$folder/install.log
  : >"$LOG"
  if [[ -n $ready_build ]]; then
    [[ -e $ready_build/cmake_install.cmake ]] || fail "$ready_build is no build folder of zbroker" \
      "\`cmake --preset release && cmake --build --preset release\` makes build/release."
    build_dir=$(realpath -- "$ready_build")
  fi
}

install_packages() {
  step "Packages that the build needs"
  if ! $with_packages; then
    note "left to you (--no-deps)"
    return
  fi
  ensure_packages "${BUILD_PACKAGES[@]}"
}

build() {
  local cache=$build_dir/CMakeCache.txt
  step "Build, ${jobs} at a time, in $build_dir"
  # CMake refuses a folder that was configured for a tree that has moved.
  if [[ -e $cache ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$source_dir" "$cache"; then
    rm -rf "${cache:?}" "$build_dir/CMakeFiles"
  fi
  cd "$source_dir"
  # Warnings are for those who work on it: a newer compiler has more of them.
  logged "configure" cmake --preset release -B "$build_dir" \
    -DZBROKER_BUILD_TESTS=OFF -DZBROKER_WARNINGS_AS_ERRORS=OFF ||
    fail_with_log "the build could not be configured" \
      "If a library is missing above, run this without --no-deps. The whole log: $LOG"
  logged "compile" cmake --build "$build_dir" --parallel "$jobs" ||
    fail_with_log "the build failed" \
      "If the compiler was killed, memory is short: try --jobs 1. The whole log: $LOG"
}

choose_installer() {
  local parent=$bin_dir
  while [[ ! -e $parent ]]; do parent=$(dirname "$parent"); done
  installer_is_root=false
  if [[ $scope == system || ! -w $parent ]]; then
    installer_is_root=true
    require_root "changing $bin_dir"
  fi
}

install_programs() {
  local programs
  step "Programs to $bin_dir"
  stage_files "$build_dir"
  place_staged_files
  programs=("$staged"/bin/*)
  note "${programs[*]##*/}"
}

create_system_account() {
  getent group zbroker >/dev/null || as_root groupadd --system zbroker
  getent passwd zbroker >/dev/null || as_root useradd --system --gid zbroker \
    --home-dir "$state_dir" --no-create-home --shell /usr/sbin/nologin zbroker
}

set_up_user_service() {
  local machine_socket=/run/zbroker/broker.sock
  uses_machine_service=false
  if [[ -n ${ZBROKER_STATE_DIR:-}${ZBROKER_SOCKET:-} ]]; then
    note "ZBROKER_STATE_DIR or ZBROKER_SOCKET is set: no service, the daemon starts when needed"
    stop_daemon
    restart_service
  elif [[ -S $machine_socket ]]; then
    note "this machine has a service for all, at $machine_socket: using that"
    uses_machine_service=true
    disable_service
  elif ! $with_service; then
    note "none (--no-service): the daemon starts when it is first needed"
    disable_service
  elif ! service_manager_runs; then
    note "no systemd takes orders for you here: the daemon starts when it is first needed"
    disable_service
  elif enable_service; then
    keep_user_manager
    note "systemd runs it: $(service_status_command)"
  else
    show_log 10 >&2
    note "systemd could not start it (see above): the daemon starts when it is first needed"
    disable_service
  fi
}

set_up_system_service() {
  create_system_account
  if $with_service && service_manager_runs; then
    enable_service || fail_with_log "systemd could not start zbrokerd.socket" \
      "See \`systemctl status zbrokerd.socket zbrokerd.service\`, then run this again."
    note "systemd runs it: $(service_status_command)"
    note "to let somebody use it: sudo usermod -aG zbroker USER, from the next login on"
    return
  fi
  local was_running=false
  if daemon_pid >/dev/null; then was_running=true; fi
  disable_service
  start_by_hand
  if $was_running; then
    note "started again by hand, as it ran before; no service manager runs it"
    return
  fi
  stop_after_check=true
  note "THERE IS NO MACHINE-WIDE SERVICE YET: a service manager must run it, and none does here."
  note "To start it by hand, as root (clients can't start it):"
  note "  install -d -m 0755 -o zbroker -g zbroker ${socket%/*}"
  note "  setsid runuser -u zbroker -- $bin_dir/zbrokerd --state-dir $state_dir \\"
  note "    --socket $socket >>/var/log/zbrokerd.log 2>&1 &"
  note "  until [ -S $socket ]; do sleep 0.1; done; chmod 0660 $socket"
  note "It runs now for the check that follows, and is stopped after it."
}

set_up_service() {
  step "Service"
  stop_after_check=false
  if [[ $scope == system ]]; then set_up_system_service; else set_up_user_service; fi
  if $with_service; then offer_gateway; fi
}

# Runs one of our programs as somebody who may use the daemon.
client() {
  local environment=(-u ZLEASE_PARENT)
  if [[ $scope == system ]]; then environment+=("ZBROKER_SOCKET=$socket"); fi
  as_owner env "${environment[@]}" "$bin_dir/$1" "${@:2}" </dev/null
}

try_lease() {
  local status=0
  step "A lease, taken and returned"
  # As a call, it costs no prompt. The broker is given up before the slot is, so that exit status 75
  # means what it says.
  client zlease --quiet --kind call --session install.sh --broker-timeout 15s --timeout 20s \
    -- true || status=$?
  case $status in
    0) note "zlease -- true: fine" ;;
    75) note "all slots are in use just now, but the broker answers" && status=0 ;;
  esac
  if ((status == 0)); then
    printf '\n'
    client zctl status || status=$?
    printf '\n'
  fi
  if ((status != 0)); then explain_service; fi
  if $stop_after_check; then stop_daemon; fi
  ((status == 0)) || fail "no lease could be taken (exit status $status)" \
    "The reason is above. The programs are installed; once the cause is gone, run this again, or" \
    "  $bin_dir/zlease -- true"
}

# dpkg says itself why it refuses a package, for example an older one.
install_package() {
  steps_total=2
  prefix=/usr
  bin_dir=$prefix/bin
  step "Package $package"
  [[ -r $package ]] || fail "can't read $package" "packaging/package.sh makes packages."
  require_root "installing a package" "Or let root run: apt install $(realpath -- "$package")"
  logged "apt-get install" apt_get install --no-install-recommends "$(realpath -- "$package")" ||
    fail_with_log "apt-get could not install $package" \
      "The reason is above; \`apt-get update\` helps where a package could not be fetched."
  uses_machine_service=false
  if [[ -S /run/zbroker/broker.sock ]]; then uses_machine_service=true; fi
  stop_after_check=false
}

explain_service() {
  if [[ $scope == user ]] && $uses_machine_service && [[ ! -w /run/zbroker/broker.sock ]]; then
    note "you may not use the machine's service yet:"
    note "  sudo usermod -aG zbroker $(id -un), then log in again"
  elif [[ -e $(unit_dir)/zbrokerd.service ]]; then
    note "the last that the daemon said, and what systemd makes of it:"
    service_journal >&2 || true
    service_control --no-pager --lines=0 status "${units[@]}" >&2 || true
  fi
}

explain_path() {
  local found
  if [[ :$PATH: != *:"$bin_dir":* ]]; then
    printf 'To call zlease and zctl by name, run this, and put it into ~/.profile (zsh: ~/.zprofile):\n'
    # shellcheck disable=SC2016
    printf '  export PATH="%s:$PATH"\n' "${bin_dir/#"$HOME"\//\$HOME/}"
    return
  fi
  found=$(type -P zlease || true)
  if [[ $found != "$bin_dir/zlease" ]]; then
    printf 'Note: %s comes before %s on your PATH.\n' "$found" "$bin_dir/zlease"
  fi
}

remove() {
  steps_total=2
  # Else the machine's daemon stays for lack of a password, its programs gone.
  choose_installer
  step "Stopping the daemon and its service"
  withdraw_gateway
  disable_service
  if [[ $scope == system ]]; then as_root rm -rf "${socket%/*}"; fi
  step "Removing the programs from $bin_dir"
  remove_files
  # Somebody who waits for a slot may have started it again meanwhile.
  stop_daemon
  # What systemd listens on, it leaves behind.
  if [[ $scope == user && -S $socket ]]; then rm -f "$socket"; fi
  printf '\nThe ledger and the log stay in %s.\n' "$state_dir"
  printf 'Remove that folder if you want them gone.\n'
  if [[ $scope == system ]]; then
    printf 'So do the user and the group zbroker (userdel zbroker; groupdel zbroker).\n'
  fi
}

clean_up() {
  stop_ticker
  drop_staged_files
}

parse_options "$@"
trap clean_up EXIT
# A command that handles Ctrl-C itself would else look like one that failed.
trap 'exit 130' INT
choose_places
if $uninstall; then
  remove
  exit
fi
: "${jobs:=$(default_jobs)}"
choose_build_dir
if [[ $scope == system ]]; then whom="this machine"; else whom=$(id -un); fi
printf 'zbroker, for %s. Log: %s\n' "$whom" "$LOG"
if [[ -n $package ]]; then
  install_package
else
  choose_installer
  if [[ -n $ready_build ]]; then
    steps_total=3
  else
    install_packages
    build
  fi
  install_programs
  set_up_service
fi
try_lease
explain_path
printf 'Done in %s.\n' "$(elapsed "$SECONDS")"
