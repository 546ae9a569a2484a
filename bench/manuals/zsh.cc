#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>

#include "bench/manuals/documents.h"
#include "compare/terminal/value_form.h"

namespace spate::documents {
namespace {

using compare::Command;
using compare::Flag;
using compare::ValueForm;

// `value LIST BEHIND WORD…`: one of the words, of a list the next; behind `file:` a file.
constexpr const char* kValue = R"(
_spate_value() {
  local list=$1 behind=$2
  shift 2
  [[ -z $list ]] || compset -P '*,'
  if [[ -n $behind ]] && compset -P '*:'; then
    _files
  else
    compadd -S '' -- ${(M)@:#*[:=]}
    compadd -- ${@:#*[:=]}
  fi
}
)";

// Within a spec of _arguments.
std::string escaped(std::string_view text, std::string_view signs) {
  std::string result;
  for (const char c : text) {
    result += signs.find(c) == std::string_view::npos ? "" : "\\";
    result += c;
  }
  return result;
}

std::string action_of(const Flag& flag) {
  const ValueForm form = compare::value_form(flag.value);
  if (form.files) {
    return "_files";
  }
  if (form.words.empty()) {
    return " ";
  }
  return escaped(fmt::format(" _spate_value '{}' '{}' {}", form.list ? "1" : "",
                             form.files_behind ? "1" : "", fmt::join(form.words, " ")),
                 ":\\");
}

std::string spec_of(const Flag& flag, const std::string& name) {
  const ValueForm form = compare::value_form(flag.value);
  std::string spec = flag.repeatable ? "*" : fmt::format("({})", fmt::join(flag.names, " "));
  spec += name;
  spec += !form.there ? "" : form.attached ? "=-" : "=";
  spec += fmt::format("[{}]", escaped(short_text(flag), "[]\\"));
  if (form.there) {
    spec += fmt::format("{}{}:{}", form.optional ? "::" : ":", escaped(flag.value, ":\\"),
                        action_of(flag));
  }
  return spec;
}

}  // namespace

std::string zsh_completion(const Command& command) {
  std::string specs;
  for (const Flag& flag : command.flags) {
    for (const std::string& name : flag.names) {
      specs += fmt::format(" \\\n  {}", quoted(spec_of(flag, name)));
    }
  }
  for (const Flag& positional : command.positionals) {
    if (positional.value == "COMMAND") {  // behind --
      specs += " \\\n  '(-)1:command: _command_names -e' \\\n  '*::arguments: _normal'";
    } else {
      specs += fmt::format(" \\\n  '*:{}:{}'", positional.names.front(), action_of(positional));
    }
  }
  return fmt::format("#compdef {0}\n# Completion of {0} in zsh; generated.\n{1}\n_arguments{2}\n",
                     command.name, kValue, specs);
}

}  // namespace spate::documents
