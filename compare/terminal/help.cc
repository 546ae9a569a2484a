#include "compare/terminal/help.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <vector>

#include "compare/terminal/columns.h"
#include "compare/terminal/screen.h"

namespace spate::compare {
namespace {

constexpr std::size_t kIndent = 2;
constexpr std::size_t kFlagText = 30;  // where what a flag does begins
constexpr std::size_t kLeastColumns = 40;
constexpr std::size_t kMostColumns = 120;

// A term with what it means: beside it from column `at` on, or below it where it is too long.
void print_entry(const std::string& term, const std::string& text, std::size_t at,
                 std::size_t columns, std::string& out) {
  std::string line = fmt::format("{:{}}{}", "", kIndent, term);
  if (text.empty()) {
    out += line + '\n';
    return;
  }
  const std::size_t used = columns_of(line);
  if (used + 2 > at) {
    out += line + '\n';
    line.clear();
  }
  out += wrapped(fmt::format("{:<{}}{}", line, at, text), columns, at) + '\n';
}

void print_flags(const std::vector<Flag>& flags, std::size_t columns, std::string& out) {
  std::string group;
  const std::size_t at = columns < 60 ? 6 : kFlagText;
  for (const Flag& flag : flags) {
    if (flag.group != group) {
      group = flag.group;
      out += fmt::format("\n{}:\n", group);
    }
    // Commands are to be copied, and stay whole; forms need not.
    print_entry(wrapped(flag.form(), columns - kIndent, 2 * kIndent), flag.text, at, columns, out);
  }
}

void print_section(const Section& section, std::size_t columns, std::string& out) {
  if (section.items.empty()) {
    const std::string heading = section.heading.empty() ? "" : section.heading + ": ";
    out += fmt::format("\n{}\n", wrapped(heading + section.text, columns, 0));
    return;
  }
  out += fmt::format("\n{}:\n", section.heading);
  // What explains all is to have enough room; a term that is longer stands above its own.
  std::size_t at = 0;
  for (const Section::Item& item : section.items) {
    const std::size_t width = kIndent + columns_of(item.term) + 2;
    if (!item.text.empty() && width <= columns * 5 / 8) {
      at = std::max(at, width);
    }
  }
  for (const Section::Item& item : section.items) {
    print_entry(item.term, item.text, at > 0 ? at : 3 * kIndent, columns, out);
  }
}

class HelpFormatter final : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* app, std::string /*name*/,
                        CLI::AppFormatMode /*mode*/) const override {
    return help_text(command_of(*app),
                     std::clamp(columns_on(STDOUT_FILENO), kLeastColumns, kMostColumns));
  }
};

}  // namespace

std::string help_text(const Command& command, std::size_t columns) {
  std::string out = wrapped(command.description, columns, 0) + '\n';
  out += wrapped("Usage: " + command.usage(), columns, 4) + '\n';
  print_flags(command.positionals, columns, out);
  print_flags(command.flags, columns, out);
  for (const Section& section : command.sections) {
    print_section(section, columns, out);
  }
  return out;
}

void set_help(CLI::App& app) { app.formatter(std::make_shared<HelpFormatter>()); }

}  // namespace spate::compare
