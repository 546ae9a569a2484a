#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bench/manuals/documents.h"
#include "compare/terminal/value_form.h"

namespace spate::documents {
namespace {

using compare::Command;
using compare::Flag;
using compare::ValueForm;

// The words are taken from the line, as bash itself splits them at `=` and `:` too; of what is
// found only the part behind the last such sign takes the place of what was typed.
constexpr const char* kBeginning = R"(
  local line=${COMP_LINE:0:COMP_POINT} cur=${COMP_WORDS[COMP_CWORD]}
  local word=${line##*[[:space:]]} flag='' head='' value found=() one
  local takes='' words='' list='' files='' behind=''
  local before=${line%"$word"}
  before=${before%"${before##*[![:space:]]}"}
  if [[ $word == --*=* ]]; then
    flag=${word%%=*} head=${word%%=*}=
  elif [[ $word != -* ]]; then
    flag=${before##*[[:space:]]}
  fi
  case $flag in
)";

constexpr const char* kEnd = R"(  esac
  value=${word#"$head"}
  if [[ $takes ]]; then
    if [[ $list && $value == *,* ]]; then
      head+=${value%,*}, value=${value##*,}
    fi
    if [[ $behind && $value == *:* ]]; then
      head+=${value%%:*}: value=${value#*:} words='' files=yes
    fi
    for one in $words; do
      [[ $one != "$value"* || ,${head#*=} == *,"$one",* ]] || found+=("$one")
    done
  elif [[ $word == -* ]]; then
    mapfile -t found < <(compgen -W "$flags" -- "$word")
  else
    files=$arguments
  fi
  case $files in
    yes)
      mapfile -t -O "${#found[@]}" found < <(compgen -f -- "$value")
      compopt -o filenames 2>/dev/null ;;
    commands)
      if [[ ${before##*[[:space:]]} == -- ]]; then
        mapfile -t found < <(compgen -c -- "$value")
      elif [[ $before == *' -- '* ]]; then
        mapfile -t found < <(compgen -f -- "$value")
        compopt -o filenames 2>/dev/null
      fi ;;
  esac
  [[ $cur != *[=:] ]] || cur=''
  COMPREPLY=()
  for one in "${found[@]}"; do
    one=$head$one
    COMPREPLY+=("${one:${#word}-${#cur}}")
  done
  if ((${#COMPREPLY[@]} == 1)) && [[ ${COMPREPLY[0]} == *[=:] ]]; then
    compopt -o nospace 2>/dev/null
  fi
}
)";

std::string values_of(const Flag& flag) {
  const ValueForm form = compare::value_form(flag.value);
  std::string text = "takes=yes";
  if (!form.words.empty()) {
    text += fmt::format(" words={}", quoted(fmt::format("{}", fmt::join(form.words, " "))));
  }
  text += form.list ? " list=yes" : "";
  text += form.files ? " files=yes" : "";
  text += form.files_behind ? " behind=yes" : "";
  return text;
}

std::string arguments_of(const Command& command) {
  for (const Flag& positional : command.positionals) {
    if (compare::value_form(positional.value).files) {
      return "yes";
    }
    if (positional.value == "COMMAND") {
      return "commands";
    }
  }
  return "''";
}

}  // namespace

std::string bash_completion(const Command& command) {
  std::string flags;
  std::string cases;
  for (const Flag& flag : command.flags) {
    for (const std::string& name : flag.names) {
      const bool attached =
          compare::value_form(flag.value).attached && !compare::value_form(flag.value).optional;
      flags += fmt::format("{}{}{}", flags.empty() ? "" : "\n    ", name, attached ? "=" : "");
    }
    if (!flag.value.empty()) {
      cases += fmt::format("    {}) {} ;;\n", flag.names.back(), values_of(flag));
    }
  }
  return fmt::format(
      "# Completion of {0} in bash; generated.\n_{0}() {{\n  local flags='{1}'\n"
      "  local arguments={2}{3}{4}{5}complete -F _{0} {0}\n",
      command.name, flags, arguments_of(command), kBeginning, cases, kEnd);
}

}  // namespace spate::documents
