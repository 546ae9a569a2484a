// The command line.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "compare/history/options.h"
#include "compare/settings.h"

namespace CLI {
class App;
}

namespace spate::compare {

enum class Format : std::uint8_t { text, markdown, json, junit, html };
enum class Color : std::uint8_t { automatic, always, never };

// A report that is written besides the one on standard output, where a path is given.
struct ReportBesides {
  const char* flag;
  Format format;
  std::string path;
};

struct Options {
  std::array<std::vector<std::string>, 2> sides;  // base, new
  std::vector<std::string> runs;                  // of modes, or to be shown
  std::optional<std::array<std::string, 2>> modes;
  bool exact = false;                     // not with modes
  bool show = false;                      // a file alone, which is compared with nothing
  std::optional<HistoryOptions> history;  // not with any of the above
  Settings settings;
  Format format = Format::text;
  Color color = Color::automatic;
  bool all = false;  // show also cells in which nothing was found
  std::array<ReportBesides, 4> besides{{{"--markdown", Format::markdown, ""},
                                        {"--json", Format::json, ""},
                                        {"--junit", Format::junit, ""},
                                        {"--html", Format::html, ""}}};
  std::string answer;  // to --help or --version: the text to print, and nothing else is set
};

// Shows the App that it parses with, for what documents it.
void see_app(const std::function<void(const CLI::App& app)>& see);

// `arguments` without the program's name. Throws Error on what it does not understand.
Options parse_options(std::vector<std::string> arguments);

}  // namespace spate::compare
