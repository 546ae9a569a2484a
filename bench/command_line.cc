#include "command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <numeric>
#include <utility>

#include "compare/terminal/help.h"
#include "spate/error.h"
#include "spate/version.h"

namespace spate::bench {
namespace {

bool may_be_address(std::string_view text) {
  return text.find("://") != std::string_view::npos || text.find('@') != std::string_view::npos;
}

// In how many letters two words differ: one more, one less, or another. (Levenshtein, "Binary codes
// capable of correcting deletions, insertions, and reversals", Soviet Physics Doklady 10, 1966.)
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

// The flag that may be meant; empty: none is near.
std::string nearest_flag(const CLI::App& app, std::string_view given) {
  constexpr std::size_t kLettersPerSlip = 3;
  std::size_t least = given.size() / kLettersPerSlip + 1;
  std::string nearest;
  for (const CLI::Option* const option : app.get_options()) {
    const std::string name = option->get_name();
    if (const std::size_t away = distance(given, name); away < least) {
      least = away;
      nearest = name;
    }
  }
  return nearest;
}

// Before all else that is wrong: what is meant by the rest depends on it.
void refuse_unknown_flags(const CLI::App& app) {
  for (const std::string& left : app.remaining()) {
    if (left.size() > 1 && left.starts_with('-')) {
      const std::string nearest = nearest_flag(app, left);
      throw Error(fmt::format("unknown flag {}{}; {} --help lists the flags", as_given(left),
                              nearest.empty() ? "" : fmt::format(", do you mean {}?", nearest),
                              app.get_name()));
    }
  }
}

// --version, and how --help is written.
void add_common_flags(CLI::App& app) {
  app.set_version_flag("--version", std::string(kVersion));
  compare::set_help(app);
}

}  // namespace

std::string as_given(std::string_view given) {
  return may_be_address(given) ? "(an address)" : fmt::format("'{}'", given);
}

void add_flag(CLI::App& app, const char* name, std::string& text, const char* type,
              const std::string& help) {
  app.add_option(name, text, help)->type_name(type)->capture_default_str();
}

void add_switch(CLI::App& app, const char* name, bool& set, const std::string& help) {
  app.add_flag(name, set, help);
}

std::string one_of(std::string_view names) {
  std::string words;
  for (const char c : names) {
    words += c == ',' ? "|" : c == ' ' ? "" : std::string(1, c);
  }
  return words;
}

void append_argument(std::vector<std::string>& args, const std::string& arg) {
  const std::size_t equals = arg.find('=');
  if (arg.rfind("--", 0) == 0 && equals != std::string::npos) {
    args.push_back(arg.substr(0, equals));
    args.push_back(arg.substr(equals + 1));
  } else {
    args.push_back(arg);
  }
}

std::vector<std::string> arguments(int argc, const char* const* argv) {
  std::vector<std::string> args;
  for (int i = 1; i < argc; ++i) {
    append_argument(args, argv[i]);
  }
  return args;
}

bool parse_command_line(CLI::App& app, std::vector<std::string> args) {
  add_common_flags(app);
  std::reverse(args.begin(), args.end());  // CLI11 takes them from the back
  try {
    app.parse(std::move(args));
  } catch (const CLI::Success& request) {
    app.exit(request, std::cout, std::cerr);
    return false;
  } catch (const CLI::ExtrasError& error) {
    refuse_unknown_flags(app);
    throw Error(fmt::format(
        "{}; {} --help lists the flags",
        may_be_address(error.what()) ? "an address stands where none is expected" : error.what(),
        app.get_name()));
  } catch (const CLI::ParseError& error) {
    refuse_unknown_flags(app);
    throw Error(fmt::format("{}; {} --help lists the flags", error.what(), app.get_name()));
  }
  return true;
}

std::string examples_of(const CLI::App& app, std::string_view usual, std::string footer) {
  const std::string usual_call = fmt::format("\n  {} ", usual);
  const std::string call = fmt::format("\n  {} ", app.get_name());
  for (std::size_t at = footer.find(usual_call); at != std::string::npos;
       at = footer.find(usual_call, at + call.size())) {
    footer.replace(at, usual_call.size(), call);
  }
  return footer;
}

void see_command_line(const char* name, const std::function<void(CLI::App&)>& set_up,
                      const std::function<void(const CLI::App&)>& see) {
  CLI::App app("", name);
  set_up(app);
  add_common_flags(app);
  see(app);
}

}  // namespace spate::bench
