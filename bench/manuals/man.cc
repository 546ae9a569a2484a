#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "bench/manuals/documents.h"
#include "compare/terminal/columns.h"
#include "compare/terminal/value_form.h"

namespace spate::documents {
namespace {

using compare::Command;
using compare::Flag;
using compare::Section;

// What roff would take for something else: `\`, quotes that it would curl, and a hyphen where a
// shell needs a minus.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '\\':
        result += "\\e";
        break;
      case '\'':
        result += "\\(aq";
        break;
      case '"':
        result += "\\(dq";
        break;
      case '`':
        result += "\\(ga";
        break;
      case '-':
        result += "\\-";
        break;
      default:
        result += c;
    }
  }
  return result;
}

bool ends_sentence(std::string_view word) {
  return word.ends_with('.') || word.ends_with('?') || word.ends_with('!');
}

// Prose: short lines, a new one for each sentence, and none that begins as a request does.
std::string prose(std::string_view text) {
  constexpr std::size_t kWidth = 76;
  std::string out;
  std::size_t used = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    std::string word = escaped(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) {
      continue;
    }
    if (word.front() == '.') {
      word.insert(0, "\\&");
    }
    const bool breaks = used + 1 + word.size() > kWidth;
    out += used == 0 ? "" : breaks ? "\n" : " ";
    used = (used == 0 || breaks ? 0 : used + 1) + word.size();
    out += word;
    if (ends_sentence(word) && !text.empty()) {
      out += '\n';
      used = 0;
    }
  }
  return out + '\n';
}

// As one argument of a macro, with places where a line may end within a long list of words.
std::string argument(std::string_view text) {
  std::string result = escaped(text);
  for (std::size_t at = result.find('|'); at != std::string::npos; at = result.find('|', at + 1)) {
    result.insert(at + 1, "\\:");
  }
  return fmt::format("\"{}\"", result);
}

// A sentence: with a capital, and a full stop.
std::string sentence(std::string text) {
  if (!text.empty()) {
    text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
    text += ends_sentence(text) ? "" : ".";
  }
  return text;
}

// "stress of message delivery": the description's first part.
std::string purpose(const Command& command) {
  std::string text = command.description.substr(0, command.description.find_first_of(":."));
  text.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(text.front())));
  return text;
}

void print_flag(const Flag& flag, std::string& out) {
  std::string names;
  for (const std::string& name : flag.names) {
    const bool positional = !name.starts_with('-');
    names += fmt::format("{}{} {}", names.empty() ? "" : " , ", positional ? "Ar" : "Fl",
                         escaped(positional ? name : name.substr(1)));
  }
  out += ".It " + names;
  if (!flag.value.empty() && flag.names.front().starts_with('-')) {
    out += fmt::format(" {}Ar {}", compare::value_form(flag.value).attached ? "Ns " : "",
                       argument(flag.value));
  }
  const std::string preset = flag.preset.empty() ? "" : fmt::format(" Default: {}.", flag.preset);
  out += '\n' + prose(sentence(flag.text) + preset);
}

void print_flags(const std::vector<Flag>& flags, bool several_groups, std::string& out) {
  std::string group;
  for (const Flag& flag : flags) {
    if (group.empty() || (flag.group != group && several_groups)) {
      out += group.empty() ? "" : ".El\n";
      out += several_groups ? fmt::format(".Ss {}\n", escaped(flag.group)) : "";
      out += ".Bl -tag -width Ds\n";
    }
    group = flag.group;
    print_flag(flag, out);
  }
  out += group.empty() ? "" : ".El\n";
}

std::vector<const Section*> sections_named(const Command& command, std::string_view beginning) {
  std::vector<const Section*> found;
  for (const Section& section : command.sections) {
    if (!section.heading.empty() && section.heading.starts_with(beginning)) {
      found.push_back(&section);
    }
  }
  return found;
}

void print_items(const Command& command, std::string_view title, std::string_view heading,
                 std::string_view macro, std::string& out) {
  for (const Section* const section : sections_named(command, heading)) {
    out += fmt::format(".Sh {}\n", title);
    if (section->items.empty()) {
      out += prose(sentence(section->text));
      continue;
    }
    out += section->heading == heading ? "" : prose(section->heading + ":");
    out += ".Bl -tag -width Ds\n";
    for (const Section::Item& item : section->items) {
      out += fmt::format(".It {}{}\n{}", macro, escaped(item.term), prose(sentence(item.text)));
    }
    out += ".El\n";
  }
}

void print_examples(const Command& command, std::string& out) {
  for (const Section* const section : sections_named(command, "Examples")) {
    out += ".Sh EXAMPLES\n.Bl -tag -width Ds\n";
    for (const Section::Item& item : section->items) {
      out += fmt::format(".It Li {}\n{}", argument(item.term),
                         item.text.empty() ? "" : prose(sentence(item.text)));
    }
    out += ".El\n";
  }
}

void print_description(const Command& command, std::string& out) {
  out += ".Sh DESCRIPTION\n" + prose(command.description);
  for (const Section& section : command.sections) {
    if (section.heading.empty()) {
      out += ".Pp\n" + prose(section.text);
    }
  }
}

}  // namespace

std::string man_page(const Command& command, const Imprint& imprint) {
  std::string title = command.name;
  std::transform(title.begin(), title.end(), title.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  std::string out = fmt::format(
      ".Dd {}\n.Dt {} 1\n.Os\n.Sh NAME\n.Nm {}\n.Nd {}\n.Sh SYNOPSIS\n.Nm\n"
      ".Op Ar flags\n",
      imprint.date, title, command.name, escaped(purpose(command)));
  for (const Flag& positional : command.positionals) {
    out +=
        fmt::format(".Op Ar {}{}\n", positional.names.front(), positional.repeatable ? " ..." : "");
  }
  print_description(command, out);
  out += ".Sh OPTIONS\n";
  std::vector<Flag> all = command.positionals;
  all.insert(all.end(), command.flags.begin(), command.flags.end());
  print_flags(all, all.front().group != all.back().group, out);
  print_items(command, "ENVIRONMENT", "Environment", "Ev ", out);
  print_items(command, "EXIT STATUS", "Exit codes", "", out);
  print_examples(command, out);
  out += ".Sh SEE ALSO\n";
  for (const std::string& other : imprint.others) {
    out += fmt::format(".Xr {} 1{}\n", other, &other == &imprint.others.back() ? "" : " ,");
  }
  return out;
}

}  // namespace spate::documents
