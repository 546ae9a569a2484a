#include "compare/terminal/command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <set>

#include "compare/terminal/value_form.h"

namespace spate::compare {
namespace {

std::string names_of(const std::set<CLI::Option*>& options) {
  std::set<std::string> names;  // in an order of their own, not of their addresses
  for (const CLI::Option* const option : options) {
    names.insert(option->get_name());
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string text_of(const CLI::Option& option) {
  std::vector<std::string> parts{filled(option.get_description())};
  if (!option.get_needs().empty()) {
    parts.push_back(fmt::format("with {}", names_of(option.get_needs())));
  }
  if (!option.get_excludes().empty()) {
    parts.push_back(fmt::format("not with {}", names_of(option.get_excludes())));
  }
  return fmt::format("{}", fmt::join(parts, parts.front().empty() ? "" : "; "));
}

Flag flag_of(const CLI::Option& option) {
  Flag flag;
  if (option.get_positional()) {
    flag.names = {option.get_name(true)};
    flag.group = "Arguments";
  }
  for (const std::string& name : option.get_snames()) {
    flag.names.push_back("-" + name);
  }
  for (const std::string& name : option.get_lnames()) {
    flag.names.push_back("--" + name);
  }
  if (option.get_items_expected_max() > 0) {
    flag.value = option.get_type_name();
    flag.preset = option.get_default_str();
    // A vector takes many; one value at a time means that the flag itself comes again.
    flag.repeatable = option.get_expected_max() > 1;
  }
  flag.text = text_of(option);
  if (flag.group.empty()) {
    flag.group = option.get_group();
  }
  return flag;
}

bool is_heading(std::string_view line) {
  return !line.empty() && line.front() != ' ' && line.back() == ':';
}

void add_line(std::string_view line, Section& section) {
  const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
  std::string_view content = line.substr(indent);
  if (indent > 2 && !section.items.empty()) {
    std::string& text = section.items.back().text;
    text += fmt::format("{}{}", text.empty() ? "" : " ", content);
  } else {
    const std::size_t gap = content.find("  ");
    Section::Item item{std::string(content.substr(0, gap)), ""};
    if (gap != std::string_view::npos) {
      item.text = content.substr(content.find_first_not_of(' ', gap));
    }
    section.items.push_back(std::move(item));
  }
}

Section section_of(std::string_view block) {
  Section section;
  std::vector<std::string_view> lines;
  while (!block.empty()) {
    const std::size_t end = std::min(block.find('\n'), block.size());
    lines.push_back(block.substr(0, end));
    block.remove_prefix(std::min(end + 1, block.size()));
  }
  if (lines.size() > 1 && is_heading(lines.front())) {
    section.heading = lines.front().substr(0, lines.front().size() - 1);
    std::for_each(lines.begin() + 1, lines.end(),
                  [&](std::string_view line) { add_line(line, section); });
    return section;
  }
  section.text = filled(fmt::format("{}", fmt::join(lines, " ")));
  for (const std::string_view heading : {"Exit codes: ", "Environment: ", "Examples: "}) {
    if (section.text.starts_with(heading)) {
      section.heading = heading.substr(0, heading.size() - 2);
      section.text.erase(0, heading.size());
    }
  }
  return section;
}

}  // namespace

std::string filled(std::string_view text) {
  std::string line(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

std::string Flag::form() const {
  std::string form = fmt::format("{}", fmt::join(names, ","));
  if (!value.empty()) {
    form += fmt::format("{}{}", value_form(value).attached ? "" : " ", value);
  }
  return preset.empty() ? form : fmt::format("{}={}", form, preset);
}

std::vector<Section> sections_of(std::string_view footer) {
  std::vector<Section> sections;
  while (!footer.empty()) {
    const std::size_t end = std::min(footer.find("\n\n"), footer.size());
    if (end > 0) {
      sections.push_back(section_of(footer.substr(0, end)));
    }
    footer.remove_prefix(std::min(end + 2, footer.size()));
  }
  return sections;
}

std::string Command::usage() const {
  std::string usage = fmt::format("{} [flags]", name);
  for (const Flag& positional : positionals) {
    usage += fmt::format(" [{}{}]", positional.names.front(), positional.repeatable ? "…" : "");
  }
  return usage;
}

Command command_of(const CLI::App& app) {
  Command command;
  command.name = app.get_name();
  command.description = filled(app.get_description());
  for (const std::string& group : app.get_groups()) {
    for (const CLI::Option* const option :
         app.get_options([&](const CLI::Option* one) { return one->get_group() == group; })) {
      if (group.empty()) {
        continue;  // hidden
      }
      (option->get_positional() ? command.positionals : command.flags).push_back(flag_of(*option));
    }
  }
  command.sections = sections_of(app.get_footer());
  return command;
}

}  // namespace spate::compare
