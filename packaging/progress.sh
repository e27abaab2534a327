# shellcheck shell=bash
# Steps with their times, a log for what other programs print, and errors that say how to go on.
# LOG names the log's file; it is set by the script that sources this.

ticker_pid=

# 65 → 1m05s
elapsed() {
  local seconds=$1
  if ((seconds < 60)); then
    printf '%ds' "$seconds"
  else
    printf '%dm%02ds' $((seconds / 60)) $((seconds % 60))
  fi
}

note() { printf '      %s\n' "$*"; }

# What failed, then lines on what to do about it.
fail() {
  local what=$1 line
  shift
  printf '\n%s: %s\n' "${0##*/}" "$what" >&2
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

# The same, with the end of the log before it.
fail_with_log() {
  show_log 30 >&2
  fail "$@"
}

show_log() {
  local lines=$1
  printf '\n----- the last lines of %s\n' "$LOG"
  tail -n "$lines" "$LOG" || true
  printf -- '-----\n'
}

# Without what ninja has to say besides the file's name.
last_log_line() {
  tail -c 500 "$LOG" 2>/dev/null | tr '\r' '\n' | tail -n 1 |
    sed -E 's,Building C(XX)? object ([^ ]*)CMakeFiles/[^/]*\.dir/,\2,' | cut -c 1-70
}

# Says every now and then that there is progress: in place on a terminal, else on a line of its own.
tick() {
  local what=$1 start=$SECONDS pause=30 format='      %s: %s  %s\n'
  if [[ -t 1 ]]; then pause=2 format='\r\033[K      %s: %s  %s'; fi
  trap 'kill "$!" 2>/dev/null; exit' TERM
  while kill -0 "$$" 2>/dev/null; do
    # Without the script's output, a sleep that outlives it does not keep a pipe open.
    sleep "$pause" >/dev/null 2>&1 &
    wait "$!"
    # shellcheck disable=SC2059
    printf "$format" "$what" "$(elapsed $((SECONDS - start)))" "$(last_log_line)"
  done
}

stop_ticker() {
  [[ -n $ticker_pid ]] || return 0
  kill "$ticker_pid" 2>/dev/null || true
  wait "$ticker_pid" 2>/dev/null || true
  ticker_pid=
  if [[ -t 1 ]]; then printf '\r\033[K'; fi
}

# Runs a command with its output in the log. Returns its status.
logged() {
  local what=$1 start=$SECONDS status=0
  shift
  printf '\n$ %s\n' "$*" >>"$LOG"
  tick "$what" &
  ticker_pid=$!
  # In the foreground, so that Ctrl-C reaches it as it would on its own.
  "$@" >>"$LOG" 2>&1 </dev/null || status=$?
  stop_ticker
  if ((status == 0)); then note "$what: $(elapsed $((SECONDS - start)))"; fi
  return "$status"
}

# Compilers of this project's files take about a gigabyte each.
default_jobs() {
  local jobs memory_kb
  jobs=$(nproc)
  memory_kb=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB$/\1/p' /proc/meminfo 2>/dev/null || true)
  if [[ -n $memory_kb ]] && ((memory_kb / 1000000 < jobs)); then jobs=$((memory_kb / 1000000)); fi
  ((jobs > 0)) || jobs=1
  printf '%d' "$jobs"
}
