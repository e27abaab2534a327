# The keys of the configuration, as mdoc, out of the commented example: awk -f config.awk FILE.
#
# "#key = value" is a key and its default, and "#[section]" begins a section; the comment above, with a
# space after the "#", says what it is for. Indented comments are examples.

function escaped(text) {
  gsub(/\\/, "\\e", text)
  gsub(/×/, "\\(mu", text)
  gsub(/…/, "\\[u2026]", text)
  if (text ~ /^[.']/) text = "\\\\&" text
  gsub(/\\\\&/, "\\\\\\&", text)
  return text
}

function word(text) {
  gsub(/\\/, "\\e", text)
  gsub(/"/, "\\(dq", text)
  gsub(/-/, "\\-", text)
  return "\"\\&" text (text ~ /[])]$/ ? "\\&" : "") "\""
}

function print_sentences(text,    at) {
  while (match(text, /[a-z0-9)"'`][.?!] +[A-Z]/)) {
    at = RSTART + 1
    print escaped(substr(text, 1, at))
    text = substr(text, at + 1)
    sub(/^ +/, "", text)
  }
  if (text != "") print escaped(text)
}

# What is told before the key or the section that it is about has come.
function keep(line) { kept[++kept_count] = line }

function print_kept(    i, display, text) {
  for (i = 1; i <= kept_count; ++i) {
    if (kept[i] ~ /^  / || (display && kept[i] == "" && i < kept_count && kept[i + 1] ~ /^  /)) {
      if (!display) {
        print_sentences(text)
        text = ""
        print ".Bd -literal -offset indent"
        display = 1
      }
      print escaped(substr(kept[i], 3))
      continue
    }
    if (display) {
      print ".Ed"
      display = 0
    }
    if (kept[i] == "") {
      print_sentences(text)
      text = ""
      if (i < kept_count && kept[i + 1] !~ /^  / && i > 1) print ".Pp"
    } else {
      text = text (text == "" ? "" : " ") kept[i]
    }
  }
  print_sentences(text)
  if (display) print ".Ed"
  kept_count = 0
}

function close_list() {
  if (in_list) print ".El"
  in_list = 0
}


/^#[a-z_]+ = / {
  if (!in_list) print ".Bl -tag -width Ds"
  in_list = 1
  print ".It Ic " word(substr($0, 2))
  print_kept()
  next
}

/^#\[/ {
  close_list()
  section = substr($0, 2)
  print ".Ss " word(section)
  print_kept()
  next
}

/^# / {
  keep(substr($0, 3))
  next
}

$0 == "#" {
  keep("")
  next
}

# The head of the file, and what stands alone: said where it is.
$0 == "" {
  if (kept_count > 0) {
    if (seen_head) {
      print_example()
    } else {
      kept_count = 0
    }
    seen_head = 1
  }
  next
}

# A comment that no key follows: an example of a section that has no keys with defaults, or one more
# of the section that is being told of.
function print_example(    name) {
  close_list()
  name = first_example()
  if (name != "" && name != section) print ".Ss " word(name)
  if (name == section || name == "") print ".Pp"
  print_kept()
}

# The header in it.
function first_example(    i) {
  for (i = 1; i <= kept_count; ++i) {
    if (kept[i] ~ /^  \[\[?account\.default\.[a-z]+\]/) return substr(kept[i], 3)
  }
  return ""
}

END {
  if (kept_count > 0) print_example()
  close_list()
}
