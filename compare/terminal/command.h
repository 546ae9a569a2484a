// A command line as people are told of it: what --help, the man page and the shells' completion are
// made of.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace spate::compare {

struct Flag {
  std::vector<std::string> names;  // "-h", "--help"; of a positional argument its only one
  std::string value;               // see value_form.h; empty: a switch
  std::string preset;              // the value that it has by itself; empty: none
  std::string text;                // what it does, and what it goes with; lines are to be filled
  std::string group;
  bool repeatable = false;

  // "--chaos [off|on]=off"
  std::string form() const;
};

// What stands below the flags. Its text has blocks with empty lines between them: `Heading:` alone
// in a line, and items below it, "  term  what it means", gone on with in lines with more blanks
// before them; or `Heading: text`; or text without a heading.
struct Section {
  struct Item {
    std::string term;
    std::string text;  // may be empty
  };
  std::string heading;  // without its colon; may be empty
  std::string text;
  std::vector<Item> items;
};
std::vector<Section> sections_of(std::string_view footer);

struct Command {
  std::string name;
  std::string description;
  std::vector<Flag> positionals;
  std::vector<Flag> flags;  // in the order of their groups
  std::vector<Section> sections;

  // "spate_compare [flags] [FILE…]"
  std::string usage() const;
};
Command command_of(const CLI::App& app);

// In one line: single newlines are blanks.
std::string filled(std::string_view text);

}  // namespace spate::compare
