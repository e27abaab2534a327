# shellcheck shell=bash
# The installed files: what `cmake --install` gives, and a list of it under the prefix, by which an
# upgrade removes what there is no more of and a removal removes it all. Sourced by install.sh after
# progress.sh and debian-packages.sh.
#
# The caller sets:
#   prefix              where they go
#   installer_is_root   whether only root may write there
# shellcheck disable=SC2154

# A folder of our own with the files to install, between stage_files and drop_staged_files.
staged=

# Runs a command as whoever may write to the prefix.
as_installer() {
  if $installer_is_root; then as_root "$@"; else "$@"; fi
}

file_list() { printf '%s/share/zbroker/files' "$prefix"; }

# The installed files, one a line, relative to the prefix. A line that could lead out of it is
# nothing that we have written.
installed_files() {
  local list
  list=$(file_list)
  if [[ -e $list ]]; then grep -E '^(bin|share)(/[A-Za-z0-9_][A-Za-z0-9._+-]*)+$' "$list" || true; fi
}

stage_files() {
  local build_dir=$1
  staged=$(mktemp -d "${TMPDIR:-/tmp}/zbroker-install.XXXXXX")
  logged "strip" cmake --install "$build_dir" --prefix "$staged" --strip ||
    fail_with_log "cmake can't install from $build_dir" \
      "The reason is above. A build of your own: run this without --from. The whole log: $LOG"
  sed -i "s|^#:schema /usr/|#:schema $prefix/|" "$staged/share/doc/zbroker/config.example.toml"
  (cd "$staged" && find bin share -type f | LC_ALL=C sort) >"$staged/files"
}

drop_staged_files() {
  if [[ -n $staged ]]; then rm -rf "${staged:?}"; fi
}

# Renamed into place: whoever starts a program meanwhile gets the old one or the new one, whole.
place_file() {
  local source=$1 target=$2 mode=0644
  local directory=${target%/*} new=${target%/*}/.${target##*/}.new
  if [[ -x $source ]]; then mode=0755; fi
  [[ -d $directory ]] || as_installer install -d -m 0755 "$directory"
  as_installer install -m "$mode" "$source" "$new"
  as_installer mv -f "$new" "$target"
}

place_staged_files() {
  local path gone=()
  mapfile -t gone < <(installed_files | grep -vxFf "$staged/files" || true)
  while read -r path <&3; do
    place_file "$staged/$path" "$prefix/$path"
  done 3<"$staged/files"
  place_file "$staged/files" "$(file_list)"
  if ((${#gone[@]} > 0)); then as_installer rm -f "${gone[@]/#/$prefix/}"; fi
}

remove_files() {
  local paths
  mapfile -t paths < <(installed_files)
  if ((${#paths[@]} == 0)); then
    note "no list of files in $(file_list): nothing was installed there"
    return
  fi
  as_installer rm -f "${paths[@]/#/$prefix/}" "$(file_list)"
  as_installer rmdir "$prefix/share/doc/zbroker" "$prefix/share/zbroker" 2>/dev/null || true
}
