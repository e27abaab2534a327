# What a program's --help says, as mdoc: awk -f help.awk -v part=options|text|all, the help on standard input.
#
#   options   the positional arguments and options, as lists
#   text      the prose before and after them
#   all       both, in order
#
# What a page says of an option is therefore what --help says; tests/packaging/man_test.sh holds the two
# against each other.

function escaped(text) {
  gsub(/\\/, "\\e", text)
  gsub(/…/, "\\[u2026]", text)
  gsub(/→/, "->", text)
  if (text ~ /^[.']/) text = "\\\\&" text
  return text
}

# One word, so that no macro takes it for another or for punctuation.
function word(text) {
  gsub(/\\/, "\\e", text)
  gsub(/"/, "\\(dq", text)
  gsub(/-/, "\\-", text)
  return "\"\\\\&" text "\""
}

function print_text(text) {
  gsub(/\\\\&/, "\\\\\\&", text)
  print text
}

function close_list() {
  if (in_list) print ".El"
  in_list = 0
}

function close_display() {
  if (in_display) print ".Ed"
  in_display = 0
}

# The flags and the argument of an option, and what is said of other options.
function print_item(head,    flags, count, i, rest, line, others, needs) {
  if (match(head, / Excludes: .*/)) {
    others = substr(head, RSTART + 11)
    head = substr(head, 1, RSTART - 1)
  }
  if (match(head, / Needs: .*/)) {
    needs = substr(head, RSTART + 8)
    head = substr(head, 1, RSTART - 1)
  }
  sub(/ REQUIRED$/, "", head)
  rest = ""
  if (match(head, / /)) {
    rest = substr(head, RSTART + 1)
    head = substr(head, 1, RSTART - 1)
  }
  sub(/^[A-Z]+:INT in /, "INT in ", rest)
  sub(/^TEXT:\{/, "{", rest)
  line = ".It"
  if (head ~ /^-/) {
    count = split(head, flags, ",")
    for (i = 1; i <= count; ++i) {
      line = line (i > 1 ? " , " : " ") "Fl " word(substr(flags[i], 2))
    }
  } else {
    line = line " Ar " word(head)
    if (rest != "") rest = "{" rest "}"
    gsub(/[{}]/, "", rest)
  }
  if (rest != "") line = line " Ar " word(rest)
  print_text(line)
  gsub(/ /, ", ", others)
  if (others != "") pending = "Not together with " others "."
  if (needs != "") pending = "Only with " needs "."
}

# Ends the description of an item, which has no full stop in --help.
function end_item() {
  if (description != "") {
    if (description !~ /[.?!]$/) description = description "."
    print_sentences(description)
  }
  description = ""
  if (pending != "") print_text(escaped(pending))
  pending = ""
}

# Sentences begin on lines of their own, as mdoc wants it.
function print_sentences(text,    at) {
  while (match(text, /[a-z0-9)"'`][.?!] +[A-Z]/)) {
    at = RSTART + 1
    print_text(escaped(substr(text, 1, at)))
    text = substr(text, at + 1)
    sub(/^ +/, "", text)
  }
  if (text != "") print_text(escaped(text))
}

BEGIN { state = "before" }

/^Usage: / {
  close_display()
  state = "usage"
  next
}

/^(Options|Positionals|Subcommands):$/ {
  close_display()
  end_item()
  close_list()
  state = $0 == "Subcommands:" ? "skipped" : "list"
  next
}

state == "list" && /^  [^ ]/ {
  end_item()
  text = substr($0, 3)
  said = ""
  # Two spaces are between the two columns; what is too long for its own has a line to itself.
  if (match(text, /  +/)) {
    said = substr(text, RSTART + RLENGTH)
    text = substr(text, 1, RSTART - 1)
  }
  hidden = text ~ /^(-h,--help|--version)$/ && !with_help
  if (part == "text" || hidden) {
    hidden = 1
    next
  }
  if (!in_list) print ".Bl -tag -width Ds"
  in_list = 1
  print_item(text)
  description = said
  next
}

state == "list" && /^   / {
  if (hidden || part == "text") next
  sub(/^ +/, "")
  description = description (description == "" ? "" : " ") $0
  next
}

state == "list" || state == "skipped" || state == "usage" {
  if ($0 == "") next
  if (state == "skipped" && /^ /) next
  end_item()
  close_list()
  state = "after"
  blank = 1
}

state == "before" || state == "after" {
  if (part == "options") next
  if ($0 == "") {
    close_display()
    blank = 1
    next
  }
  if (/^ /) {
    if (!in_display) print ".Bd -literal -offset indent"
    in_display = 1
    print_text(escaped(substr($0, 3)))
    blank = 0
    next
  }
  close_display()
  if (blank && printed) print ".Pp"
  blank = 0
  printed = 1
  print_sentences($0)
}

END {
  close_display()
  end_item()
  close_list()
}
