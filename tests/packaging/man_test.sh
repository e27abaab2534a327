#!/usr/bin/env bash
# The manual pages, the programs' --help, the README, the completions and the configuration's reader
# say the same: man_test.sh BUILD
# shellcheck source=harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

PATH=$1/bin:$PATH
man=$1/packaging/man
pages=(man1/zctl.1 man1/zlease.1 man5/zbroker.toml.5 man7/zbroker.7 man8/zbrokerd.8)
example=$source_dir/packaging/config.example.toml
readme=$(<"$source_dir/README.md")

skip_without() {
  type -P "$1" >/dev/null && return 1
  printf 'skipped: there is no %s\n' "$1"
}

# As a reader sees it, on lines that are long enough not to be broken, without what makes letters bold
# on a printer.
shown() { mandoc -O width=900 -T utf8 "$man/$1" | LC_ALL=C.UTF-8 sed 's/.\x08//g'; }

options_of() { "$@" --help | sed -nE 's/^  (-.,)?(--[a-z-]+).*/\2/p' | grep -vxE -e '--(help|version)'; }

subcommands() { zctl --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p'; }

# References to the other pages, which are only found where they are installed, are seen to below.
test_pages_have_no_fault() {
  local page
  skip_without mandoc && return
  for page in "${pages[@]}"; do
    output=$(mandoc -T lint "$man/$page" | grep -v 'referenced manual not found' || true)
    expect_equal "$output" ""
  done
}

test_pages_refer_to_pages_that_there_are() {
  local page name section
  for page in "${pages[@]}"; do
    grep -h '^\.Xr\|^\.It Xr' "$man/$page" | sed 's/^\.It //' | while read -r _ name section _; do
      if [[ $name != sd_* ]]; then test -s "$man/man$section/$name.$section"; fi
    done
  done
}

test_every_program_has_a_page() {
  local program
  for program in zbrokerd zctl zlease zlease-gateway zctl-{doctor,init,mcp,meter,setup}; do
    compgen -G "$man/man?/$program.?" >/dev/null
  done
}

test_every_option_of_the_help_is_in_the_page() {
  local name subcommand text
  skip_without mandoc && return
  text=$(shown man8/zbrokerd.8)
  for name in $(options_of zbrokerd); do expect_in "$text" "$name"; done
  text=$(shown man1/zlease.1)
  for name in $(options_of zlease) $(options_of zlease gateway) $(options_of zlease mcp); do
    expect_in "$text" "$name"
  done
  text=$(shown man1/zctl.1)
  for subcommand in $(subcommands); do
    expect_in "$text" "zctl $subcommand"
    for name in $(options_of zctl "$subcommand"); do expect_in "$text" "$name"; done
  done
}

# Code of the README that calls us, a call a line.
# shellcheck disable=SC2016
calls_in_readme() {
  sed -nE '/^    /p; s/[^`]*`([^`]+)`[^`]*/\1\n/gp' "$source_dir/README.md" |
    grep -oE "\\b$1 [^|&#;]*" | sort -u
}

test_the_readme_names_every_subcommand_and_no_other() {
  local name known
  known=$(subcommands)
  for name in $known; do expect_in "$readme" "zctl $name"; done
  for name in $(calls_in_readme zctl | sed -nE 's/^zctl ([a-z]+).*/\1/p' | sort -u); do
    expect_in $'\n'"$known"$'\n' $'\n'"$name"$'\n'
  done
}

test_the_readme_names_no_option_that_there_is_not() {
  local known name
  known=$(
    options_of zbrokerd
    for name in "" gateway mcp; do options_of zlease $name; done
    for name in "" $(subcommands) "limit set" "limit auto"; do
      # shellcheck disable=SC2086
      options_of zctl $name
    done
    printf '%s\n' --help --version
  )
  for name in $( (calls_in_readme zctl; calls_in_readme zlease; calls_in_readme zbrokerd) |
    sed 's/ -- .*//' | grep -oE '(^| |\[)--[a-z][a-z-]+' | tr -d ' [' | sort -u); do
    expect_in $'\n'"$known"$'\n' $'\n'"$name"$'\n'
  done
}

# The keys that the reader knows in a table: it lists them when it meets one that it does not know.
known_keys() {
  printf '%s\n' "$@" 'qqqqqqqqqqqqqqqqqqqqqqqq = 1' >probe.toml
  expect_status 1 zbrokerd --check-config probe.toml
  expect_not_in "$output" "…"
  sed -nE 's/.*unknown key; expected (.*)/\1/p' <<<"$output" | sed -E 's/, | or /\n/g'
}

# The keys of a table in the example, with those of its indented examples and its tables.
example_keys() {
  sed -E 's/^# ?( *)//; s/^#//' "$example" | awk -v table="$1" '
    /^\[/ {
      name = $0
      gsub(/[][]/, "", name)
      sub(/ .*/, "", name)
      inside = name == table
      if (index(name, table ".") == 1) {
        rest = substr(name, length(table) + 2)
        if (rest !~ /\./) print rest
      }
    }
    inside && /^[a-z_]+ = / { print $1 }' | sort -u
}

expect_same_keys() {
  local table=$1 known
  shift
  known=$(known_keys "$@")
  [[ -n $known ]]
  expect_equal "$(example_keys "$table")" "$(sort -u <<<"$known")"
}

test_the_example_has_every_key_that_the_reader_knows() {
  local table array keys
  expect_same_keys broker '[broker]'
  expect_same_keys meter '[meter]'
  expect_same_keys account.default '[account.default]'
  for table in slots peak background mcp; do
    expect_same_keys "account.default.$table" "[account.default.$table]"
  done
  # With what is required, as else that is what is told.
  for array in window:name='"a"',length='"5h"',limit=1 pool:models='"a"' \
    weight:models='"a"',weight=1 rate:models='"a"',input=1,cached=1,output=1 schedule:limit=1 \
    priority:models='"a"',priority='"normal"'; do
    IFS=, read -ra keys <<<"${array#*:}"
    expect_same_keys "account.default.${array%%:*}" "[[account.default.${array%%:*}]]" "${keys[@]}"
  done
}

test_the_page_has_every_key_of_the_example() {
  local text key
  skip_without mandoc && return
  text=$(shown man5/zbroker.toml.5)
  while read -r key; do
    expect_in "$text" "$key"
  done < <(sed -nE 's/^#(   )?([a-z_]+) = .*/\2/p; s/^#(\[[^]]*\]+).*/\1/p' "$example")
}

run_tests
