# shellcheck shell=bash
# The daemon's life around an installation: who runs it, stopping one that runs, handing it over to
# systemd and taking it back. Sourced by install.sh after progress.sh and debian-packages.sh.
#
# The caller sets:
#   scope       user or system
#   state_dir   of the daemon
#   socket      where it serves
#   bin_dir     where the programs are
#   unit_source the folder of the unit files of this scope
# shellcheck disable=SC2154

units=(zbrokerd.socket zbrokerd.service)
gateway_unit=zlease-gateway.service
gateway_units=(zlease-gateway.socket "$gateway_unit")

# Runs a command as whoever the daemon's files belong to.
as_owner() {
  if [[ $scope == system ]]; then as_root "$@"; else "$@"; fi
}

service_control() {
  if [[ $scope == system ]]; then as_root systemctl "$@"; else systemctl --user "$@"; fi
}

# The daemon's own last lines, without what systemd says of it.
service_journal() {
  if [[ $scope == system ]]; then
    as_root journalctl --quiet --output=cat --lines=3 --identifier=zbrokerd
  else
    journalctl --user --quiet --output=cat --lines=3 --identifier=zbrokerd
  fi
}

# What shows the service's state.
service_status_command() {
  if [[ $scope == system ]]; then
    printf 'systemctl status zbrokerd'
  else
    printf 'systemctl --user status zbrokerd'
  fi
}

# What tells why there is no daemon: the content of the marker file, which clients print. By
# identifier, as systemd does not always know the unit of a process that has ended at once.
service_trouble_command() {
  if [[ $scope == system ]]; then
    printf 'journalctl --lines=5 --identifier=zbrokerd'
  else
    printf 'journalctl --user --lines=5 --identifier=zbrokerd'
  fi
}

unit_dir() {
  if [[ $scope == system ]]; then
    printf '/etc/systemd/system'
  else
    printf '%s/systemd/user' "${XDG_CONFIG_HOME:-$HOME/.config}"
  fi
}

# Whether systemd runs and takes orders for this scope.
service_manager_runs() {
  [[ -d /run/systemd/system ]] && command -v systemctl >/dev/null || return 1
  [[ $scope == user ]] || return 0
  # Unset after su, cron and the like, though the manager may well be there.
  if [[ -z ${XDG_RUNTIME_DIR:-} && -d /run/user/$EUID ]]; then
    export XDG_RUNTIME_DIR=/run/user/$EUID
  fi
  # With another home the manager would not find our units, nor we its socket.
  grep -qxF "HOME=$HOME" <<<"$(timeout 10 systemctl --user show-environment 2>/dev/null)"
}

# The pid of the daemon on the state directory, else status 1. The lock file alone proves nothing:
# it stays when its daemon has died, and the pid in it may be anybody's by now.
daemon_pid() {
  local lock=$state_dir/zbrokerd.lock pid executable lock_id open_ids
  pid=$(as_owner cat "$lock" 2>/dev/null) || return 1
  [[ $pid =~ ^[1-9][0-9]*$ ]] || return 1
  executable=$(as_owner readlink "/proc/$pid/exe" 2>/dev/null) || return 1
  executable=${executable% (deleted)}
  [[ ${executable##*/} == zbrokerd ]] || return 1
  lock_id=$(as_owner stat -c %d:%i "$lock" 2>/dev/null) || return 1
  # The pattern is for the shell that may read the other user's directory; a file that is closed
  # meanwhile is no error.
  # shellcheck disable=SC2016
  open_ids=$(as_owner sh -c 'stat -L -c %d:%i /proc/"$0"/fd/*' "$pid" 2>/dev/null || true)
  grep -qxF "$lock_id" <<<"$open_ids" || return 1
  printf '%s' "$pid"
}

# Ends the daemon on the state directory, if one runs. Held leases are in its ledger and go on.
stop_daemon() {
  local pid deadline=$((SECONDS + 20))
  pid=$(daemon_pid) || return 0
  note "stopping the daemon that runs (pid $pid); held leases go on"
  as_owner kill -TERM "$pid" 2>/dev/null || true
  while [[ $(daemon_pid) == "$pid" ]]; do
    if ((SECONDS > deadline)); then
      fail "the old daemon (pid $pid) does not end" \
        "\`kill -9 $pid\` is safe, as leases are in the ledger; then run this again."
    fi
    sleep 0.1
  done
}

# A path as a unit file's quoted word.
unit_escape() {
  local text=$1
  text=${text//\\/\\\\}
  text=${text//\"/\\\"}
  printf '%s' "${text//%/%%}"
}

# Puts the unit into the directory, with the programs' own.
write_unit() {
  local source=$1 directory=$2 text
  text=$(<"$source")
  as_owner mkdir -p "$directory"
  printf '%s\n' "${text//@BINDIR@/"$(unit_escape "$bin_dir")"}" |
    as_owner tee "$directory/${source##*/}" >/dev/null
}

write_units() {
  local unit
  for unit in "${units[@]}"; do write_unit "$unit_source/$unit" "$(unit_dir)"; done
}

# The gateway is a person's own, also where the daemon is the machine's.
gateway_unit_dir() {
  if [[ $scope == system ]]; then printf '/etc/systemd/user'; else unit_dir; fi
}

# Offers the gateway's service, which is for its user to enable; one that runs gets the new program.
offer_gateway() {
  local unit
  service_manager_runs || return 0
  for unit in "${gateway_units[@]}"; do
    write_unit "${unit_source%/*}/user/$unit" "$(gateway_unit_dir)"
  done
  [[ $scope == user ]] || return 0
  service_control daemon-reload >>"$LOG" 2>&1 || true
  service_control try-restart "$gateway_unit" >>"$LOG" 2>&1 || true
}

withdraw_gateway() {
  local directory
  directory=$(gateway_unit_dir)
  [[ -e $directory/$gateway_unit ]] || return 0
  if [[ $scope == user ]] && service_manager_runs; then
    service_control disable --now "${gateway_units[@]}" >>"$LOG" 2>&1 || true
  fi
  as_owner rm -f "${gateway_units[@]/#/$directory/}" \
    "$directory/default.target.wants/$gateway_unit" \
    "$directory/sockets.target.wants/zlease-gateway.socket"
}

write_marker() {
  local owner=()
  if [[ $scope == system ]]; then owner=(-o zbroker -g zbroker); fi
  as_owner install -d -m 0700 "${owner[@]}" "$state_dir"
  printf '%s\n' "$(service_trouble_command)" | as_owner tee "$state_dir/service" >/dev/null
}

# Gives the daemon to systemd. Status 1 when systemd would not have it.
enable_service() {
  # First, so that clients leave the starting to systemd from here on.
  write_marker
  service_control stop "${units[@]}" >>"$LOG" 2>&1 || true
  stop_daemon
  write_units
  service_control daemon-reload >>"$LOG" 2>&1 &&
    { service_control reset-failed "${units[@]}" >>"$LOG" 2>&1 || true; } &&
    service_control enable zbrokerd.socket >>"$LOG" 2>&1 &&
    service_control start zbrokerd.socket >>"$LOG" 2>&1
}

# Lets a daemon that systemd runs on the default directory run its new program.
restart_service() {
  if service_manager_runs && [[ -e $(unit_dir)/zbrokerd.service ]]; then
    service_control try-restart zbrokerd.service >>"$LOG" 2>&1 || true
  fi
}

# Takes the daemon back from systemd, and ends it.
disable_service() {
  local directory
  directory=$(unit_dir)
  if service_manager_runs && [[ -e $directory/zbrokerd.socket ]]; then
    service_control disable --now "${units[@]}" >>"$LOG" 2>&1 || true
  fi
  # What `systemctl disable` would do, for a manager that is not there.
  as_owner rm -f "${units[@]/#/$directory/}" "$directory/sockets.target.wants/zbrokerd.socket"
  if service_manager_runs; then service_control daemon-reload >>"$LOG" 2>&1 || true; fi
  as_owner rm -f "$state_dir/service"
  # The service is always on the default directory, wherever ZBROKER_STATE_DIR is.
  if [[ $scope == user ]]; then rm -f "$HOME/.local/state/zbroker/service"; fi
  stop_daemon
}

# Without this, a user's services end with the last session, and cron jobs find no broker.
keep_user_manager() {
  local user
  user=$(id -un)
  [[ $(loginctl show-user "$user" --property=Linger 2>/dev/null) == Linger=yes ]] && return
  if timeout 10 loginctl --no-ask-password enable-linger "$user" >>"$LOG" 2>&1 ||
    timeout 10 sudo -n loginctl enable-linger "$user" >>"$LOG" 2>&1; then
    note "your services now go on without you being logged in (loginctl enable-linger)"
  else
    note "the service runs only while you are logged in; for cron jobs and the like:"
    note "  sudo loginctl enable-linger $user"
  fi
}

# The system's daemon where no service manager runs.
start_by_hand() {
  as_root install -d -m 0700 -o zbroker -g zbroker "$state_dir"
  as_root install -d -m 0755 -o zbroker -g zbroker "${socket%/*}"
  as_root rm -f "$socket"
  # Its log, like that of a daemon that a client has started, is in the state directory.
  # shellcheck disable=SC2016
  as_root runuser -u zbroker -- sh -c \
    'setsid "$0" --state-dir "$1" --socket "$2" </dev/null >>"$1/zbrokerd.log" 2>&1 &' \
    "$bin_dir/zbrokerd" "$state_dir" "$socket"
  local deadline=$((SECONDS + 10))
  until [[ -S $socket ]]; do
    if ((SECONDS > deadline)); then
      as_root tail -n 5 "$state_dir/zbrokerd.log" >&2 || true
      fail "zbrokerd did not come up" \
        "Its log is $state_dir/zbrokerd.log; the last lines are above."
    fi
    sleep 0.1
  done
  as_root chmod 0660 "$socket"
}
