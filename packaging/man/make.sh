#!/usr/bin/env bash
# Makes the manual pages: make.sh BIN OUT
#
# What they say of options is what the programs in BIN say themselves (--help), and what
# zbroker.toml(5) says of keys is what config.example.toml says. The rest is in the .in files, with
# these lines for what comes from elsewhere:
#   @help PART PROGRAM [ARGS…]   PART is as in help.awk
#   @subcommands                 a subsection for each subcommand of zctl
#   @config                      the keys of the configuration
set -euo pipefail
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
bin=$1
out=$2

# A program's help must not depend on who builds.
help_of() { env -i PATH="$PATH" HOME=/nonexistent "$bin/$1" "${@:2}" --help; }

subcommands_of() {
  help_of "$@" | sed -n '/^Subcommands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p'
}

subcommands() {
  local name inner
  for name in $(subcommands_of zctl); do
    printf '.Ss "zctl %s"\n' "$name"
    help_of zctl "$name" | awk -f "$here/help.awk" -v part=all
    # `zctl limit` has some of its own. A program that zctl becomes has none.
    for inner in $(subcommands_of zctl "$name"); do
      printf '.Ss "zctl %s %s"\n' "$name" "$inner"
      help_of zctl "$name" "$inner" | awk -f "$here/help.awk" -v part=all
    done
  done
}

# Text in short lines, none of which begins like a macro; displays and macros stay.
wrap() {
  awk '
    /^\.Bd/ { literal = 1 }
    /^\.Ed/ { literal = 0 }
    literal || /^\./ { print; next }
    {
      count = split($0, words, " ")
      line = ""
      for (i = 1; i <= count; ++i) {
        if (line != "" && length(line) + 1 + length(words[i]) > 78 && words[i] !~ /^[.\x27]/) {
          print line
          line = words[i]
        } else {
          line = line (line == "" ? "" : " ") words[i]
        }
      }
      print line
    }'
}

page() {
  local line words
  while IFS= read -r line; do
    case $line in
      "@help "*)
        read -ra words <<<"$line"
        help_of "${words[@]:2}" | awk -f "$here/help.awk" -v part="${words[1]}"
        ;;
      @subcommands) subcommands ;;
      @config) awk -f "$here/config.awk" "$here/../config.example.toml" ;;
      *) printf '%s\n' "$line" ;;
    esac
  done <"$1"
}

for source in "$here"/*.in; do
  name=${source##*/}
  name=${name%.in}
  mkdir -p "$out/man${name##*.}"
  page "$source" | wrap >"$out/man${name##*.}/$name.new"
  mv "$out/man${name##*.}/$name.new" "$out/man${name##*.}/$name"
done
# What zctl and zlease become has no page of its own.
for name in zctl-doctor zctl-init zctl-mcp zctl-meter zctl-setup; do
  printf '.so man1/zctl.1\n' >"$out/man1/$name.1"
done
printf '.so man1/zlease.1\n' >"$out/man1/zlease-gateway.1"
