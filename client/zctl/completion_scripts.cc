#include "client/zctl/commands.h"
#include "client/zctl/completion.h"

// Each asks `zctl __complete WORDS…`, which answers as RenderCompletion says, and knows nothing
// else.
namespace zbroker::zctl {
namespace {

constexpr char kBash[] =
    R"sh(# Completion of zctl, zlease and zbrokerd for bash: eval "$(zctl completion bash)"
_zbroker() {
  local cur cword line first=1
  local -a words
  COMPREPLY=()
  # The first gives words with = and : in them, which bash would take apart.
  if declare -F _get_comp_words_by_ref >/dev/null; then
    _get_comp_words_by_ref -n =: cur words cword
  else
    words=("${COMP_WORDS[@]}") cword=$COMP_CWORD cur=${COMP_WORDS[COMP_CWORD]}
  fi
  words[0]=${words[0]##*/}
  while IFS= read -r line; do
    if ((first)) && [[ $line == ":files" ]]; then
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "${cur##*=}")
      return
    elif ((first)) && [[ $line == ":command "* ]]; then
      if declare -F _command_offset >/dev/null; then
        _command_offset "${line#:command }"
      elif ((${line#:command } == cword)); then
        mapfile -t COMPREPLY < <(compgen -c -- "$cur")
      else
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      fi
      return
    fi
    first=0
    COMPREPLY+=("$(printf '%q' "${line%%$'\t'*}")")
  done < <(zctl __complete "${words[@]:0:cword+1}" 2>/dev/null)
  if declare -F __ltrim_colon_completions >/dev/null; then __ltrim_colon_completions "$cur"; fi
  # Readline replaces only what follows the = itself.
  if [[ $cur == --*=* ]]; then COMPREPLY=("${COMPREPLY[@]#"${cur%%=*}="}"); fi
}
complete -F _zbroker zctl zlease zbrokerd
)sh";

constexpr char kZsh[] = R"sh(#compdef zctl zlease zbrokerd
# Completion of zctl, zlease and zbrokerd for zsh: eval "$(zctl completion zsh)"
_zbroker() {
  local -a lines items asked
  asked=("${(@Q)words[1,CURRENT]}")
  asked[1]=${asked[1]:t}
  lines=("${(@f)$(zctl __complete "${asked[@]}" 2>/dev/null)}")
  case $lines[1] in
    "") return 1 ;;
    :files)
      # What follows the = of --config=…
      [[ $PREFIX == --*=* ]] && compset -P '*='
      _files
      return
      ;;
    ":command "*)
      local -i at=${lines[1]#:command }
      words=("${(@)words[at + 1,-1]}")
      ((CURRENT -= at))
      _normal
      return
      ;;
  esac
  local line
  for line in "${lines[@]}"; do
    items+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
  done
  _describe -V value items
}
if [[ $funcstack[1] == (_zctl|_zbroker) ]]; then
  _zbroker "$@"
else
  compdef _zbroker zctl zlease zbrokerd
fi
)sh";

constexpr char kFish[] =
    R"sh(# Completion of zctl, zlease and zbrokerd for fish: zctl completion fish | source
function __zbroker_complete
    set -l words (commandline -opc) (commandline -ct)
    set words[1] (string replace -r '.*/' '' -- $words[1])
    set -l lines (zctl __complete $words 2>/dev/null)
    if test "$lines[1]" = :files
        __fish_complete_path (string replace -r '^--[^=]*=' '' -- (commandline -ct))
    else if string match -q ':command *' -- "$lines[1]"
        set -l at (math (string replace ':command ' '' -- $lines[1]) + 1)
        complete -C (string join ' ' -- (string escape -- $words[$at..-2]) $words[-1])
    else
        printf '%s\n' $lines
    end
end
for program in zctl zlease zbrokerd
    complete -c $program -f -k -a '(__zbroker_complete)'
end
)sh";

}  // namespace

std::string CompletionScript(const std::string& shell) {
  if (shell == "bash") return kBash;
  if (shell == "zsh") return kZsh;
  if (shell == "fish") return kFish;
  return "";
}

absl::Status Run(const CompletionCommand& command, Console& console) {
  return console.Print(command.script);
}

}  // namespace zbroker::zctl
