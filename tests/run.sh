#!/usr/bin/env bash
# Builds and runs everything there is to check, stage by stage. A stage that fails does not keep
# later ones from running, unless they need what it builds.
set -euo pipefail

source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=../packaging/progress.sh
source "$source_dir/packaging/progress.sh"
# shellcheck source=../packaging/debian-packages.sh
source "$source_dir/packaging/debian-packages.sh"

usual_stages=(build test e2e asan tsan format lint)
all_stages=("${usual_stages[@]}" tsa tidy packages)
stages=("${usual_stages[@]}")
named=false # whether somebody asked for these very stages
since=
with_packages=true
quick=false
logs=$source_dir/build/test-logs
e2e_folder=$source_dir/build/e2e
# shellcheck disable=SC2034  # for progress.sh
LOG=/dev/null

usage() {
  cat <<END
Usage: run.sh [OPTIONS]

Installs what is missing, builds everything and runs every test. The last line is
"N passed, N failed"; the exit status is 0 only if all stages are fine.

  build   the release build, with warnings as errors
  test    unit, simulation and integration tests on it
  e2e     the SDKs of Anthropic and OpenAI through the gateway, and the tools that are in PATH
          or in \$E2E_TOOLS (opencode, kilo, cline, cn, codex); needs node 18.19 and npm, and the
          network once
  asan    tests again under the address and undefined-behaviour sanitizers, built by clang with its
          static analysis of locks
  tsan    tests again under the thread sanitizer
  format  clang-format finds nothing to change
  lint    shellcheck finds nothing in the scripts
  tsa     that analysis of locks alone; only when asked for
  tidy    clang-tidy finds nothing; only when asked for, as it takes ten seconds a file
  packages  Debian's packages in a Debian of their own, and what lintian says of them; only when asked
          for: needs root, debootstrap, lintian and the network

  --quick       only what a change needs at once: the release build's unit tests
  --stage NAME  only this stage, and the build if it needs it; may be repeated
  --since REF   stage tidy: only the files that differ from this git commit
  --no-deps     install no packages, neither Debian's nor npm's
  --help        print this
END
}

usage_error() {
  printf 'run.sh: %s\n\n' "$1" >&2
  usage >&2
  exit 2
}

parse_options() {
  local chosen=()
  while (($# > 0)); do
    case $1 in
      --quick) quick=true ;;
      --no-deps) with_packages=false ;;
      --stage)
        (($# > 1)) || usage_error "--stage needs a name"
        [[ " ${all_stages[*]} " == *" $2 "* ]] || usage_error "no stage $2; one of ${all_stages[*]}"
        if [[ $2 == test || $2 == e2e || $2 == packages ]]; then chosen+=(build); fi
        chosen+=("$2")
        shift
        ;;
      --since)
        (($# > 1)) || usage_error "--since needs a git commit"
        git -C "$source_dir" rev-parse --quiet --verify "$2^{commit}" >/dev/null ||
          usage_error "--since: git knows no commit $2"
        since=$2
        shift
        ;;
      -h | --help) usage && exit ;;
      *) usage_error "unknown option $1" ;;
    esac
    shift
  done
  if $quick; then stages=(build test); fi
  if ((${#chosen[@]} > 0)); then
    named=true
    mapfile -t stages < <(printf '%s\n' "${chosen[@]}" | awk '!seen[$0]++')
  fi
}

# Tests must find neither the caller's broker nor the caller's files.
isolate() {
  local name
  for name in "${!ZBROKER_@}" "${!ZLEASE_@}" "${!XDG_@}"; do unset "$name"; done
  # The compiler's cache is none of theirs.
  if command -v ccache >/dev/null; then
    CCACHE_DIR=$(ccache --get-config cache_dir)
    export CCACHE_DIR
  fi
  caller_home=$HOME
  test_home=$(mktemp -d "${TMPDIR:-/tmp}/zbroker-tests.XXXXXX")
  export HOME=$test_home
  exec </dev/null
}

clean_up() {
  stop_ticker
  if [[ -n ${test_home:-} ]]; then rm -rf "${test_home:?}"; fi
}

# Compiling files in groups reads what they all include only once, and takes half the time.
configure() {
  logged "configure $1" cmake --preset "$1" -DZBROKER_BUILD_TESTS=ON \
    -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=12 -DZBROKER_LLD=ON "${@:2}"
}

compile() {
  logged "compile $1" cmake --build "$source_dir/build/$1" --parallel "$jobs" "${@:2}"
}

has_target() { ninja -C "$source_dir/build/$1" -t query "$2" >/dev/null 2>&1; }

# Runs the tests of a build folder and adds up what ctest says of them. Three for two cores: many
# wait for most of their time.
run_tests() {
  local folder=$1 status=0 line at_once=$((($(nproc) * 3 + 1) / 2))
  shift
  logged "run the tests" "$@" ctest --test-dir "$source_dir/build/$folder" \
    --output-on-failure --no-tests=error --timeout 300 --parallel "$at_once" \
    "${selection[@]}" || status=$?
  line=$(grep -E 'tests passed, [0-9]+ tests? failed out of [0-9]+' "$LOG" | tail -n 1 || true)
  if [[ $line =~ ([0-9]+)\ tests?\ failed\ out\ of\ ([0-9]+) ]]; then
    failed=$((failed + BASH_REMATCH[1]))
    passed=$((passed + BASH_REMATCH[2] - BASH_REMATCH[1]))
    note "$((BASH_REMATCH[2] - BASH_REMATCH[1])) of ${BASH_REMATCH[2]} passed"
  fi
  return "$status"
}

stage_build() {
  local target=all
  if $quick; then target=tests/unit/all; fi
  configure release && compile release --target "$target"
}

stage_test() {
  local folder=release selection=()
  if $quick; then folder=release/tests/unit; fi
  run_tests "$folder"
}

has_node() {
  command -v npm >/dev/null &&
    node -e 'const [a, b] = process.versions.node.split("."); process.exit(a * 100 + +b < 1819 ? 1 : 0)'
} 2>/dev/null

has_sdks() { cmp -s "$source_dir/tests/e2e/package-lock.json" "$e2e_folder/node_modules/.lock"; }

# With the caller's own settings for npm: registry, proxies, cache.
install_sdks() {
  if ! $with_packages; then
    note "the SDKs are not in $e2e_folder, and --no-deps keeps npm from installing them"
    return 1
  fi
  if ! logged "npm ci" env HOME="$caller_home" npm ci --prefix "$e2e_folder" --ignore-scripts \
    --no-audit --no-fund --fetch-retries=1; then
    note "npm could not install the SDKs; it needs the network until it has done so once"
    return 1
  fi
  cp "$e2e_folder/package-lock.json" "$e2e_folder/node_modules/.lock"
}

count_in_tap() { awk -v key="$1" '$1 == "#" && $2 == key { n = $3 } END { print n + 0 }' "$LOG"; }

# In the build folder, as the source tree must stay as it is.
stage_e2e() {
  local status=0 good bad
  if ! has_node; then
    note "needs npm, and node of version 18.19 or newer: there is $(node --version 2>&1 | tail -n 1)"
    return 1
  fi
  mkdir -p "$e2e_folder"
  rm -rf "$e2e_folder"/{*.test.js,support}
  cp -R tests/e2e/{*.test.js,support,package.json,package-lock.json,.npmrc} "$e2e_folder"
  has_sdks || install_sdks || return
  logged "run the tests" timeout --kill-after=10 900 node --test --test-reporter=tap \
    --test-concurrency=2 "$e2e_folder"/*.test.js || status=$?
  good=$(count_in_tap pass) bad=$(($(count_in_tap fail) + $(count_in_tap cancelled)))
  passed=$((passed + good))
  failed=$((failed + bad))
  note "$good of $((good + bad)) passed"
  return "$status"
}

sanitized() {
  local preset=$1 target=all selection=(-L sanitize)
  shift
  configure "$preset" || return
  if has_target "$preset" sanitized_tests; then target=sanitized_tests; fi
  compile "$preset" --target "$target" && run_tests "$preset" "$@"
}

stage_asan() { UBSAN_OPTIONS=print_stacktrace=1 sanitized asan; }

stage_tsan() {
  local fixed_addresses=()
  # On kernels that spread addresses wider than g++ 12's thread sanitizer has room for, it only
  # starts without that; some containers do not let it be switched off.
  if setarch -R true 2>/dev/null; then fixed_addresses=(setarch -R); fi
  sanitized tsan "${fixed_addresses[@]}"
}

stage_tsa() { configure tsa && compile tsa --target thread_safety; }

# The files that match one of the patterns, each ended by a zero byte.
sources() {
  local pattern names=()
  # Not yet added files too: they are what is being worked on.
  if command -v git >/dev/null && git rev-parse >/dev/null 2>&1; then
    # Files that git still lists may be gone.
    git ls-files -z --cached --others --exclude-standard -- "$@" | sort -zu | existing
  else
    for pattern in "$@"; do names+=(-o -path "./$pattern" -o -path "*/$pattern"); done
    find . -path ./build -prune -o -type f \( "${names[@]:1}" \) -print0
  fi
}

existing() {
  local file
  while IFS= read -r -d '' file; do
    if [[ -e $file ]]; then printf '%s\0' "$file"; fi
  done
}

check_format() {
  sources '*.cc' '*.h' | xargs -0 -n 16 -P "$(nproc)" clang-format-14 --dry-run --Werror
}

stage_format() { logged "clang-format" check_format; }

check_scripts() { sources '*.sh' .ci/run | xargs -0 shellcheck; }

stage_lint() { logged "shellcheck" check_scripts; }

stage_packages() {
  logged "packages" bash tests/packaging/debian_test.sh "$source_dir/build/release"
}

changed_files() {
  git diff --name-only -z "$since" -- '*.cc' '*.h'
  git ls-files -z --others --exclude-standard -- '*.cc' '*.h'
}

# clang-tidy looks at a header through a source that includes it.
to_tidy() {
  local file
  if [[ -z $since ]]; then
    sources '*.cc'
    return
  fi
  changed_files | existing | while IFS= read -r -d '' file; do
    if [[ $file == *.h && -e ${file%.h}.cc ]]; then file=${file%.h}.cc; fi
    if [[ $file == *.h ]]; then
      sources '*.cc' | xargs -0 grep -lFZ "#include \"$file\"" | head -z -n 1 || true
    else
      printf '%s\0' "$file"
    fi
  done | sort -zu
}

check_tidy() {
  to_tidy | xargs -0 -r -n 1 -P "$jobs" clang-tidy-14 --quiet -p "$source_dir/build/tsa"
}

stage_tidy() {
  # The commands of a clang build, a file each, and the headers that are generated.
  configure tsa -DCMAKE_UNITY_BUILD=OFF && compile tsa --target zbroker_stubs && logged "clang-tidy" check_tidy
}

# Why a stage is not run; empty if it is.
reason_to_skip() {
  [[ $1 == test || $1 == e2e ]] || return 0
  if [[ ${results[build]:-} != ok ]]; then
    printf 'there is no build to test'
  elif [[ $1 == e2e ]] && ! $with_packages && ! $named && ! { has_node && has_sdks; }; then
    printf 'with --no-deps, node or the SDKs are not installed for it'
  fi
}

# Of what tests have printed: each that failed, and its expectations that were not met.
failures() {
  awk '/^\[ RUN / { test = $0 }
       / Failure$/ || /^not ok/ { if (test != "") print test; test = ""; left = 10 }
       /^\[ / { left = 0 }
       left-- > 0' "$LOG" | head -n 100
}

# Runs one stage and keeps a line about it for the end.
run_stage() {
  local name=$1 start=$SECONDS result=ok reason
  printf '[%s]\n' "$name"
  reason=$(reason_to_skip "$name")
  if [[ -n $reason ]]; then
    note "not run, as $reason"
    result=skipped
  else
    LOG=$logs/$name.log
    : >"$LOG"
    if ! "stage_$name"; then
      result=FAILED
      show_log 200
      failures >>"$logs/failures.log"
    fi
  fi
  results[$name]=$result
  if [[ $result == FAILED ]]; then all_fine=false; fi
  summary+=("$(printf '%-8s %-8s %8s' "$name" "$result" "$(elapsed $((SECONDS - start)))")")
}

parse_options "$@"
trap clean_up EXIT
trap 'exit 130' INT
cd "$source_dir"
mkdir -p "$logs"
: >"$logs/failures.log"
jobs=$(default_jobs)
if $with_packages; then
  printf '[packages]\n'
  LOG=$logs/packages.log
  : >"$LOG"
  packages=("${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}")
  if [[ " ${stages[*]} " == *" tidy "* ]]; then packages+=("${TIDY_PACKAGES[@]}"); fi
  if [[ " ${stages[*]} " == *" e2e "* ]] && ! command -v node >/dev/null; then
    packages+=("${E2E_PACKAGES[@]}")
  fi
  ensure_packages "${packages[@]}" --optional "${OPTIONAL_PACKAGES[@]}"
fi
isolate

declare -A results=()
summary=()
passed=0
failed=0
all_fine=true
for stage in "${stages[@]}"; do
  run_stage "$stage"
done

printf '\n'
if [[ -s $logs/failures.log ]]; then cat "$logs/failures.log" && printf '\n'; fi
printf '%s\n' "${summary[@]}" "Logs: $logs"
printf '\n%d passed, %d failed\n' "$passed" "$failed"
$all_fine
