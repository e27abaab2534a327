#!/usr/bin/env bash
# Builds the Debian packages. The same source with the same tools gives the same bytes, wherever and
# whenever that is.
set -euo pipefail

packaging=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
source_dir=${packaging%/*}
# shellcheck source=progress.sh
source "$packaging/progress.sh"

debian=$packaging/debian
out=$source_dir/build/packages
ready_build=
version=
compression=xz
jobs=$(nproc)
work=
LOG=/dev/null

usage() {
  cat <<END
Usage: package.sh [OPTIONS]

Builds zbroker_VERSION_ARCH.deb (programs, units, manual pages, completions, example configuration),
libzbroker-dev_VERSION_ARCH.deb (headers, static library, CMake package, protocol) and
zbroker-dbgsym_VERSION_ARCH.deb (debug symbols) into build/packages.

  --from BUILD      package what is in the build folder BUILD, and build nothing: quick, but with the
                    paths of that folder in the debug symbols
  --out DIR         put them into DIR
  --version VERSION of the packages (default: the project's)
  --compress WITH   xz, zstd, gzip or none (default: xz)
  --jobs N          compile N files at a time
  --help            print this
END
}

usage_error() {
  printf 'package.sh: %s\n\n' "$1" >&2
  usage >&2
  exit 2
}

parse_options() {
  while (($# > 0)); do
    case $1 in
      --from | --out | --version | --compress | --jobs)
        if (($# == 1)) || [[ -z $2 ]]; then usage_error "$1 needs a value"; fi
        set_value "$1" "$2"
        shift
        ;;
      -h | --help) usage && exit ;;
      *) usage_error "unknown option $1" ;;
    esac
    shift
  done
}

set_value() {
  case $1 in
    --from)
      [[ -e $2/cmake_install.cmake ]] || fail "$2 is no build folder of zbroker"
      ready_build=$(realpath -- "$2")
      ;;
    --out) out=$(realpath -m -- "$2") ;;
    --version)
      dpkg --validate-version "$2" || usage_error "$2 is no version of a package"
      version=$2
      ;;
    --compress)
      [[ $2 =~ ^(xz|zstd|gzip|none)$ ]] || usage_error "--compress takes xz, zstd, gzip or none"
      compression=$2
      ;;
    --jobs)
      [[ $2 =~ ^[1-9][0-9]*$ ]] || usage_error "--jobs takes a number above 0, not $2"
      jobs=$2
      ;;
  esac
}

require_tools() {
  local tool
  for tool in dpkg-deb dpkg-shlibdeps dpkg-gencontrol dpkg-buildflags objcopy readelf gzip; do
    command -v "$tool" >/dev/null || fail "there is no $tool" "apt install dpkg-dev binutils"
  done
}

# One date for all that has one: that of the source.
choose_date() {
  if [[ -z ${SOURCE_DATE_EPOCH:-} ]]; then
    SOURCE_DATE_EPOCH=$(git -C "$source_dir" log -1 --format=%ct 2>/dev/null) ||
      SOURCE_DATE_EPOCH=$(dpkg-parsechangelog -l "$debian/changelog" -S Timestamp)
  fi
  export SOURCE_DATE_EPOCH
}

# Without tests, with Debian's flags, and with no path of this machine in it.
build() {
  local flags
  build_dir=$source_dir/build/package
  mkdir -p "$build_dir"
  LOG=$build_dir/package.log
  : >"$LOG"
  cd "$source_dir"
  flags="$(dpkg-buildflags --get CXXFLAGS) $(dpkg-buildflags --get CPPFLAGS)"
  flags+=" -ffile-prefix-map=$source_dir=. -ffile-prefix-map=$build_dir=build"
  logged "configure" cmake --preset release -B "$build_dir" -DZBROKER_BUILD_TESTS=OFF \
    -DZBROKER_WARNINGS_AS_ERRORS=OFF -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=12 \
    -DCMAKE_CXX_FLAGS="$flags" \
    -DCMAKE_EXE_LINKER_FLAGS="$(dpkg-buildflags --get LDFLAGS) -Wl,--build-id=sha1" ||
    fail_with_log "the build could not be configured" "The whole log: $LOG"
  logged "compile" cmake --build "$build_dir" --parallel "$jobs" ||
    fail_with_log "the build failed" "The whole log: $LOG"
}

project_version() { sed -n 's/^CMAKE_PROJECT_VERSION:STATIC=//p' "$build_dir/CMakeCache.txt"; }

# What is told apart by the package: the programs without their debug symbols, and these by the id
# of the program they belong to.
split_debug_symbols() {
  local program=$1 debug_root=$2 id target
  id=$(readelf -n "$program" | sed -n 's/ *Build ID: //p')
  [[ -n $id ]] || fail "$program has no build id" "Link it with -Wl,--build-id."
  target=$debug_root/usr/lib/debug/.build-id/${id:0:2}/${id:2}.debug
  mkdir -p "${target%/*}"
  objcopy --only-keep-debug --compress-debug-sections "$program" "$target"
  chmod 0644 "$target"
  strip --strip-unneeded --remove-section=.comment --remove-section=.note "$program"
  build_ids+=("$id")
}

# Pages are compressed, and those that are others' are links.
place_pages() {
  local man=$1 page source
  for page in "$man"/man?/*; do
    source=$(sed -n '1s/^\.so man[0-9]\///p' "$page")
    if [[ -n $source ]]; then
      ln -s "$source.gz" "$page.gz"
      rm "$page"
    else
      gzip -9n "$page"
    fi
  done
}

place_units() {
  local unit
  mkdir -p "$1/lib/systemd/system" "$1/usr/lib/systemd/user"
  for unit in "$packaging"/systemd/*/*; do
    local directory=$1/lib/systemd/system
    if [[ $unit == */user/* ]]; then directory=$1/usr/lib/systemd/user; fi
    sed 's,@BINDIR@,/usr/bin,' "$unit" >"$directory/${unit##*/}"
  done
}

# What dpkg wants in the documentation of each package.
place_papers() {
  local doc=$1/usr/share/doc/$2
  mkdir -p "$doc"
  install -m 0644 "$debian/copyright" "$doc/copyright"
  gzip -9n <"$work/debian/changelog" >"$doc/changelog.gz"
  if [[ -e $debian/$2.lintian-overrides ]]; then
    install -D -m 0644 "$debian/$2.lintian-overrides" "$1/usr/share/lintian/overrides/$2"
  fi
}

# Placeholders that stand for more than a word are lines of their own.
place_scripts() {
  local script line
  for script in preinst postinst prerm postrm; do
    while IFS= read -r line; do
      if [[ $line == @REPLACED@ ]]; then cat "$debian/replaced.sh"; else printf '%s\n' "${line//@VERSION@/$version}"; fi
    done <"$debian/zbroker.$script" >"$1/DEBIAN/$script"
    chmod 0755 "$1/DEBIAN/$script"
  done
}

stage_programs() {
  local root=$work/zbroker program
  mkdir -p "$root/DEBIAN" "$root/usr"
  logged "install" cmake --install "$build_dir" --prefix "$root/usr" ||
    fail_with_log "cmake can't install from $build_dir"
  for program in "$root"/usr/bin/*; do split_debug_symbols "$program" "$work/zbroker-dbgsym"; done
  place_pages "$root/usr/share/man"
  mv "$root/usr/share/zsh/site-functions" "$root/usr/share/zsh/vendor-completions"
  place_units "$root"
  install -D -m 0644 "$debian/sysusers.conf" "$root/usr/lib/sysusers.d/zbroker.conf"
  install -D -m 0644 "$debian/tmpfiles.conf" "$root/usr/lib/tmpfiles.d/zbroker.conf"
  place_papers "$root" zbroker
  install -m 0644 "$source_dir/README.md" "$root/usr/share/doc/zbroker/README.md"
  install -m 0644 "$source_dir/daemon/ledger/FORMAT.md" "$root/usr/share/doc/zbroker/ledger-format.md"
  place_scripts "$root"
}

stage_library() {
  local root=$work/libzbroker-dev
  mkdir -p "$root/DEBIAN" "$root/usr"
  logged "install" cmake --install "$build_dir" --prefix "$root/usr" --component dev ||
    fail_with_log "cmake can't install from $build_dir"
  strip --strip-debug --enable-deterministic-archives "$root/usr/lib/libzbroker.a"
  # The folder of the machine's kind, where also a compiler for this kind on another finds it.
  mv "$root/usr/lib" "$root/usr/$multiarch"
  mkdir "$root/usr/lib"
  mv "$root/usr/$multiarch" "$root/usr/lib/"
  # shellcheck disable=SC2016
  sed -i 's,^prefix=.*,prefix=${pcfiledir}/../../..,' \
    "$root/usr/lib/$multiarch/pkgconfig/zbroker.pc"
  place_papers "$root" libzbroker-dev
}

stage_debug_symbols() {
  local root=$work/zbroker-dbgsym
  mkdir -p "$root/DEBIAN" "$root/usr/share/doc"
  ln -s zbroker "$root/usr/share/doc/zbroker-dbgsym"
}

# The packages that the static libraries in the programs come from, which a security fix must rebuild.
built_using() {
  local archives name
  mapfile -t archives < <(sed -n 's/^ZBROKER_ARCHIVE_[^:]*:FILEPATH=//p' "$build_dir/CMakeCache.txt")
  archives+=(/usr/include/toml++/toml.h /usr/include/CLI/CLI.hpp)
  for name in sqlite3 yaml brotlicommon zstd; do
    archives+=("/usr/lib/$multiarch/lib$name.a")
  done
  # shellcheck disable=SC2016
  dpkg-query -S "${archives[@]}" 2>/dev/null | cut -d: -f1 | sort -u |
    xargs dpkg-query -W -f '${source:Package} (= ${source:Version})\n' | sort -u | paste -sd, |
    sed 's/,/, /g'
}

# Depends on the libraries that the programs are linked with, as dpkg-shlibdeps finds them.
compute_dependencies() {
  cd "$work"
  dpkg-shlibdeps -Tdebian/substvars zbroker/usr/bin/* 2>"$work/shlibdeps.log" ||
    fail "dpkg-shlibdeps failed" "$(<"$work/shlibdeps.log")"
  printf 'zbroker:Built-Using=%s\nmisc:Depends=\n' "$(built_using)" >>debian/substvars
}

write_control() {
  local package=$1 extra=()
  cd "$work"
  if [[ $package == zbroker-dbgsym ]]; then extra=("-DBuild-Ids=${build_ids[*]}"); fi
  dpkg-gencontrol -p"$package" -P"$package" -ldebian/changelog -Tdebian/substvars -v"$version" \
    "${extra[@]}" -fdebian/files 2>"$work/gencontrol.log" ||
    fail "dpkg-gencontrol failed" "$(<"$work/gencontrol.log")"
  (cd "$package" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | LC_ALL=C sort -z |
    xargs -0 md5sum >DEBIAN/md5sums)
}

write_package() {
  local package=$1 file
  write_control "$package"
  # Whoever's umask it was built with.
  chmod -R u=rwX,go=rX "$work/$package"
  find "$work/$package" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  file=${package}_${version}_$(dpkg --print-architecture).deb
  dpkg-deb --root-owner-group -Z"$compression" --build "$work/$package" "$work/$file" >>"$LOG" ||
    fail "dpkg-deb failed"
  mkdir -p "$out"
  mv "$work/$file" "$out/$file"
  note "$out/$file, $(stat -c %s "$out/$file") bytes"
}

clean_up() {
  stop_ticker
  if [[ -n $work ]]; then rm -rf "${work:?}"; fi
}

main() {
  local package
  parse_options "$@"
  require_tools
  trap clean_up EXIT
  choose_date
  multiarch=$(dpkg-architecture -qDEB_HOST_MULTIARCH)
  build_ids=()
  umask 022
  if [[ -n $ready_build ]]; then build_dir=$ready_build; else build; fi
  work=$(mktemp -d "${TMPDIR:-/tmp}/zbroker-package.XXXXXX")
  version=${version:-$(project_version)}
  mkdir "$work/debian"
  cp "$debian/control.in" "$work/debian/control"
  sed "1s/(.*)/($version)/" "$debian/changelog" >"$work/debian/changelog"
  stage_programs
  stage_library
  stage_debug_symbols
  compute_dependencies
  for package in zbroker libzbroker-dev zbroker-dbgsym; do write_package "$package"; done
}

main "$@"
