# shellcheck shell=sh
# Ends the daemons whose program has been replaced or removed, of this root file system: leases are in
# the ledger, and the next who needs a daemon starts the new one.
end_replaced_daemons() {
  root=$(stat -L -c %d:%i /)
  for process in /proc/[0-9]*; do
    case $(readlink "$process/exe" 2>/dev/null) in
      "/usr/bin/zbrokerd"*" (deleted)") ;;
      *) continue ;;
    esac
    [ "$(stat -L -c %d:%i "$process/root" 2>/dev/null)" = "$root" ] || continue
    kill -TERM "${process#/proc/}" 2>/dev/null || true
  done
}
