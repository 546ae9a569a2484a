#include "command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "compare/terminal/help.h"
#include "spate/error.h"
#include "spate/version.h"

namespace spate::bench {
namespace {

bool may_be_address(std::string_view text) {
  return text.find("://") != std::string_view::npos || text.find('@') != std::string_view::npos;
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
    throw Error(fmt::format(
        "{}; {} --help lists the flags",
        may_be_address(error.what()) ? "an address stands where none is expected" : error.what(),
        app.get_name()));
  } catch (const CLI::ParseError& error) {
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
