// The flags of spate_compare: which there are, and what --help says of them.
#pragma once

#include <string>
#include <vector>

#include "compare/history/options.h"
#include "compare/options.h"

namespace CLI {
class App;
}

namespace spate::compare {

// What the parser fills, beside Options, and parse_options() makes values of.
struct GivenFlags {
  std::vector<std::string> files;
  std::string modes;
  std::string format = "text";
  std::string color = "auto";
  std::string fail_on = "worse";
  std::string family = "cell";
  std::string rules;
  std::vector<std::string> metrics;
  std::vector<std::string> effects;
  std::string acknowledgements;
  std::string suspects;
  std::string date;
  std::string quantiles;
  std::string alpha;
  HistoryOptions history;
};

// Both must outlive the parsing.
void set_up_flags(CLI::App& app, GivenFlags& given, Options& options);

}  // namespace spate::compare
