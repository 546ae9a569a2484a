#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bench/manuals/documents.h"
#include "compare/terminal/value_form.h"

namespace spate::documents {
namespace {

using compare::Command;
using compare::Flag;
using compare::ValueForm;

// What a list's next item is to be put behind; and files behind a word with a colon.
constexpr const char* kFunctions = R"(
function __spate_list
    set -l typed (string replace -r '^--[^=]*=' '' -- (commandline -ct))
    set -l head (string match -r '^.*,' -- $typed)
    for word in $argv
        echo "$head$word"
    end
end
function __spate_files_behind
    set -l typed (string replace -r '^--[^=]*=' '' -- (commandline -ct))
    set -l parts (string match -r '^(.*[:])(.*)$' -- $typed); or return
    for file in $parts[3]*
        echo "$parts[2]$file"
    end
end
)";

// In single quotes.
std::string fish_quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    result += c == '\'' || c == '\\' ? "\\" : "";
    result += c;
  }
  return result + "'";
}

std::string values_of(const Flag& flag) {
  const ValueForm form = compare::value_form(flag.value);
  if (form.files) {
    return " -r -F";
  }
  std::string words = fmt::format("{}", fmt::join(form.words, " "));
  if (form.list) {
    words = fmt::format("(__spate_list {})", words);
  }
  words += form.files_behind ? " (__spate_files_behind)" : "";
  return " -x" + (form.words.empty() ? "" : " -a " + fish_quoted(words));
}

}  // namespace

std::string fish_completion(const Command& command) {
  std::string lines;
  bool files = false;
  for (const Flag& flag : command.flags) {
    std::string names;
    for (const std::string& name : flag.names) {
      names += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    lines += fmt::format("complete -c {}{} -d {}{}\n", command.name, names,
                         fish_quoted(short_text(flag)), flag.value.empty() ? "" : values_of(flag));
  }
  for (const Flag& positional : command.positionals) {
    files = files || compare::value_form(positional.value).files;
    if (positional.value == "COMMAND") {
      lines += fmt::format(
          "complete -c {} -n '__fish_seen_argument -- --' "
          "-x -a '(__fish_complete_subcommand)'\n",
          command.name);
    }
  }
  return fmt::format("# Completion of {0} in fish; generated.{1}\n{2}{3}", command.name, kFunctions,
                     files ? "" : fmt::format("complete -c {} -f\n", command.name), lines);
}

}  // namespace spate::documents
