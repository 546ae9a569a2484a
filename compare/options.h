// The command line.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace spate::compare {

enum class Format : std::uint8_t { text, json };

struct Options {
  std::vector<std::string> files;
  std::optional<std::array<std::string, 2>> modes;
  bool exact = false;  // not with modes
  Format format = Format::text;
  std::string answer;  // to --help or --version: the text to print, and nothing else is set
};

// `arguments` without the program's name. Throws Error on what it does not understand.
Options parse_options(std::vector<std::string> arguments);

}  // namespace spate::compare
