# shellcheck shell=bash
# What the build and the tests need from Debian or Ubuntu, and how to get what is missing. Sourced
# after progress.sh.

# shellcheck disable=SC2034  # used by the scripts that source this
BUILD_PACKAGES=(
  build-essential cmake ninja-build pkg-config
  libgrpc++-dev protobuf-compiler-grpc protobuf-compiler libprotobuf-dev
  libabsl-dev libc-ares-dev libre2-dev zlib1g-dev libzstd-dev libbrotli-dev
  libsqlite3-dev libcli11-dev libtomlplusplus-dev
  libboost1.81-dev libcurl4-openssl-dev libsimdjson-dev libyaml-dev)

# shellcheck disable=SC2034
TEST_PACKAGES=(libgtest-dev libgmock-dev curl clang libclang-rt-14-dev clang-format-14 mandoc shellcheck)

# What only the stage tidy needs.
# shellcheck disable=SC2034
TIDY_PACKAGES=(clang-tidy-14)

# What only the stage e2e needs, where there is no node: one that is not Debian's would be in the way.
# shellcheck disable=SC2034
E2E_PACKAGES=(nodejs npm)

# Make things faster where they can be had.
# shellcheck disable=SC2034
OPTIONAL_PACKAGES=(ccache lld)

# Those of the packages named that are not installed, one a line.
missing_packages() {
  local installed name
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
  for name in "$@"; do
    grep -qxF "$name installed" <<<"$installed" || printf '%s\n' "$name"
  done
}

is_root() { ((EUID == 0)); }

# Runs a command as root. May ask for a password.
as_root() {
  if is_root; then "$@"; else sudo "$@"; fi
}

# Makes sure as_root will work; the password, if any, is asked for here and not under a log.
# Further arguments are lines on what else to do.
require_root() {
  local purpose=$1
  shift
  is_root && return
  command -v sudo >/dev/null || fail "$purpose needs root, and there is no sudo" \
    "Run this as root, or let root install sudo." "$@"
  sudo -n true 2>/dev/null && return
  note "$purpose needs root; sudo may ask for your password"
  sudo -v || fail "$purpose needs root, and sudo refused" "Run this as root." "$@"
}

apt_get() {
  # Another apt may be at work, as on a machine that has just started.
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 "$@"
}

# Installs those of the packages that are missing. Arguments after `--optional` are done without
# where apt does not know them.
ensure_packages() {
  local optional=() required=() list=required name
  for name in "$@"; do
    case $name in
      --optional) list=optional ;;
      *) if [[ $list == optional ]]; then optional+=("$name"); else required+=("$name"); fi ;;
    esac
  done
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    fail "this is not Debian or Ubuntu: there is no apt-get" \
      "Install what these packages hold, then run this again with --no-deps:" "${required[*]}"
  fi
  local missing
  mapfile -t missing < <(missing_packages "${required[@]}")
  mapfile -t optional < <([[ ${#optional[@]} -eq 0 ]] || missing_packages "${optional[@]}")
  if ((${#missing[@]} + ${#optional[@]} == 0)); then
    note "nothing is missing"
    return
  fi
  if ((${#missing[@]} == 0)) && ! is_root && ! sudo -n true 2>/dev/null; then
    note "not asking for root just for ${optional[*]}"
    return
  fi
  local wanted=("${missing[@]}" "${optional[@]}")
  note "to install: ${wanted[*]}"
  require_root "installing packages" "Or let root run the following, then run this again:" \
    "  apt-get update && apt-get install ${missing[*]}"
  # One broken source among several need not matter: whether the packages come decides.
  logged "apt-get update" apt_get update ||
    note "apt-get update failed; going on with what apt knows"
  for name in "${optional[@]}"; do
    if apt-cache show "$name" >/dev/null 2>&1; then missing+=("$name"); fi
  done
  ((${#missing[@]} > 0)) || return 0
  logged "apt-get install" apt_get install --no-install-recommends "${missing[@]}" ||
    fail_with_log "apt-get could not install the packages" \
      "Check the network and /etc/apt/sources.list (Ubuntu: is universe in it?), or run" \
      "  apt-get update && apt-get install ${missing[*]}" \
      "as root and look at what it says; then run this again."
}
