#include "compare/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>

#include "compare/distinct_files.h"
#include "compare/error.h"
#include "compare/flags.h"
#include "compare/humane.h"
#include "compare/rules.h"

namespace spate::compare {
namespace {

constexpr const char* kUsage =
    "expected BASE.json NEW.json, or --base and --new with files each, or --modes A,B with files, "
    "or --history DIR, or one file with --format html; see --help";

std::array<std::string, 2> split_modes(const std::string& given) {
  const std::size_t comma = given.find(',');
  const std::string first = given.substr(0, comma);
  const std::string second = comma == std::string::npos ? "" : given.substr(comma + 1);
  if (first.empty() || second.empty() || second.find(',') != std::string::npos) {
    throw Error(
        fmt::format("--modes is '{}'; expected two modes, as in --modes mock,queue", given));
  }
  if (first == second) {
    throw Error(fmt::format(
        "--modes names '{}' twice; expected two different modes, as in --modes mock,queue", first));
  }
  return {first, second};
}

void require_inexact(const Options& options) {
  if (options.exact) {
    throw Error(
        "--exact with --modes: the seed fixes a row within its mode alone, and the digests, which "
        "two modes share, --modes compares anyway; leave out one of the two");
  }
}

// The one of `names` that `given` is, by its place among them.
template <class T, std::size_t N>
T parse_name(std::string_view flag, const std::string& given,
             const std::array<std::string_view, N>& names) {
  const auto* const found = std::find(names.begin(), names.end(), given);
  if (found == names.end()) {
    throw Error(fmt::format("{} is '{}'; expected one of {}", flag, given, fmt::join(names, ", ")));
  }
  return static_cast<T>(found - names.begin());
}

std::string listed(const std::vector<std::string>& files) {
  return fmt::format("{} given ({})", plural(files.size(), "file"), fmt::join(files, ", "));
}

// A file that is compared with nothing has no verdict for the other reports.
void require_page_alone(const Options& options) {
  for (const ReportBesides& report : options.besides) {
    if (!report.path.empty()) {
      throw Error(
          fmt::format("{} with one file, {}, which is compared with nothing; give two files, "
                      "or --format html alone",
                      report.flag, options.runs.front()));
    }
  }
}

// Files without a flag are base and new, or the runs of two modes.
void place_files(std::vector<std::string> files, Options& options) {
  const bool has_flags = !options.sides[0].empty() || !options.sides[1].empty();
  if (options.modes) {
    if (has_flags) {
      throw Error("--base and --new do not go with --modes, which takes its files without a flag");
    }
    options.runs = std::move(files);
    if (options.runs.empty()) {
      throw Error(fmt::format("no file given; {}", kUsage));
    }
    require_distinct(options.runs, "--modes");
    return;
  }
  if (!has_flags && files.size() == 1 && options.format == Format::html && !options.exact) {
    options.show = true;
    options.runs = std::move(files);
    require_page_alone(options);
    return;
  }
  if (!has_flags && files.size() == 2) {
    options.sides = {std::vector{files[0]}, std::vector{files[1]}};
  } else if (has_flags && !files.empty()) {
    throw Error(fmt::format("{} besides --base or --new; give each file with one of these flags",
                            listed(files)));
  } else if (!has_flags) {
    throw Error(files.empty() ? fmt::format("no file given; {}", kUsage)
                              : fmt::format("{}; {}", listed(files), kUsage));
  }
  for (const std::size_t side : {0U, 1U}) {
    const std::string_view flag = side == 0 ? "--base" : "--new";
    if (options.sides[side].empty()) {
      throw Error(fmt::format("no file of {}; {}", flag, kUsage));
    }
    require_distinct(options.sides[side], flag);
  }
}

void require_rounds(const Options& options) {
  const auto& [base, candidate] = options.sides;
  if (!options.settings.paired) {
    return;
  }
  if (options.modes || options.exact || options.show) {
    throw Error("--paired goes with neither --modes nor --exact, which test nothing; leave it out");
  }
  if (base.size() != candidate.size()) {
    throw Error(fmt::format(
        "--paired with {} of --base and {} of --new; expected as many of each, round by round",
        base.size(), candidate.size()));
  }
}

double parse_alpha(const std::string& text) {
  const char* const end = text.data() + text.size();
  double alpha = 0;
  const auto [stop, fault] = std::from_chars(text.data(), end, alpha);
  if (fault != std::errc{} || stop != end || !(alpha > 0 && alpha <= 0.5)) {
    throw Error(fmt::format("--alpha is '{}'; expected more than 0 and at most 0.5", text));
  }
  return alpha;
}

std::vector<double> parse_quantiles(const std::string& text) {
  std::vector<double> result;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    double quantile = -1;
    const auto [stop, fault] = std::from_chars(text.data() + begin, text.data() + end, quantile);
    if (fault != std::errc{} || stop != text.data() + end || !(quantile >= 0 && quantile <= 1)) {
      throw Error(fmt::format("--quantiles has '{}'; expected numbers from 0 to 1, as in 0.5,0.999",
                              text.substr(begin, end - begin)));
    }
    result.push_back(quantile);
    begin = end + 1;
  }
  return result;
}

Schema schema_of(const GivenFlags& given) {
  std::vector<Rule> rules;
  if (!given.rules.empty()) {
    rules = load_rules(given.rules);
  }
  std::transform(given.metrics.begin(), given.metrics.end(), std::back_inserter(rules),
                 parse_metric);
  std::transform(given.effects.begin(), given.effects.end(), std::back_inserter(rules),
                 parse_effect);
  return Schema(std::move(rules));
}

// Nothing is judged in these forms, so that a flag for verdicts would be obeyed by nobody.
void require_verdicts(const CLI::App& app, const Options& options) {
  if (!options.modes && !options.exact && !options.show) {
    return;
  }
  for (const std::string flag : {"--alpha", "--family", "--effect", "--suspects", "--fail-on"}) {
    if (app.get_option(flag)->count() > 0) {
      throw Error(
          fmt::format("{} goes with neither --modes nor --exact nor one file alone, which "
                      "judge nothing by statistics; leave it out",
                      flag));
    }
  }
}

void require_trend(const Options& options) {
  for (const auto& [wrong, what] : {std::pair{options.format == Format::junit, "--format junit"},
                                    {options.format == Format::html, "--format html"},
                                    {options.settings.fail_on.fresh, "--fail-on new"}}) {
    if (wrong) {
      throw Error(fmt::format("{} does not go with --history; leave out one of the two", what));
    }
  }
}

// The next time it would be taken for a result that is damaged.
void require_outside(const std::string& folder, const ReportBesides& report) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (!report.path.empty() && fs::weakly_canonical(report.path, ignored).parent_path() ==
                                  fs::weakly_canonical(folder, ignored)) {
    throw Error(
        fmt::format("{} {} is in the history's folder, which has results alone; give another",
                    report.flag, report.path));
  }
}

void take(const GivenFlags& given, Options& options) {
  Settings& settings = options.settings;
  options.format = parse_name<Format>(
      "--format", given.format,
      std::array<std::string_view, 5>{"text", "markdown", "json", "junit", "html"});
  options.color = parse_name<Color>("--color", given.color,
                                    std::array<std::string_view, 3>{"auto", "always", "never"});
  settings.family = parse_name<Family>("--family", given.family,
                                       std::array<std::string_view, 2>{"cell", "comparison"});
  settings.fail_on = parse_fail_on(given.fail_on);
  settings.schema = schema_of(given);
  settings.today = given.date.empty() ? today() : given.date;
  if (!is_date(settings.today)) {
    throw Error(fmt::format("--date is '{}'; expected a day as in 2027-01-31", given.date));
  }
  if (!given.acknowledgements.empty()) {
    settings.acknowledgements = load_acknowledgements(given.acknowledgements);
  }
  if (!given.suspects.empty()) {
    settings.suspects = load_suspects(given.suspects);
  }
  if (!given.quantiles.empty()) {
    if (!options.modes) {
      throw Error("--quantiles goes with --modes A,B; add it, or leave the quantiles out");
    }
    settings.quantiles = parse_quantiles(given.quantiles);
  }
  if (options.history) {
    options.history->date = given.date;
    require_trend(options);
  } else {
    place_files(given.files, options);
  }
  require_rounds(options);
  std::vector<std::string> inputs{given.rules, given.acknowledgements, given.suspects};
  for (const std::vector<std::string>* files :
       {&options.sides[0], &options.sides[1], &options.runs}) {
    inputs.insert(inputs.end(), files->begin(), files->end());
  }
  std::vector<std::string> outputs;
  for (const ReportBesides& report : options.besides) {
    if (options.history) {
      require_outside(options.history->folder, report);
    }
    outputs.push_back(report.path);
  }
  require_new_files(outputs, std::move(inputs));
}

}  // namespace

void see_app(const std::function<void(const CLI::App&)>& see) {
  GivenFlags given;
  Options options;
  CLI::App app("", "spate_compare");
  set_up_flags(app, given, options);
  see(app);
}

Options parse_options(std::vector<std::string> arguments) {
  Options options;
  GivenFlags given;
  CLI::App app("", "spate_compare");
  set_up_flags(app, given, options);
  std::reverse(arguments.begin(), arguments.end());  // the order in which CLI11 takes a vector
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    options.answer = app.help();
    return options;
  } catch (const CLI::CallForVersion&) {
    options.answer = app.version() + "\n";
    return options;
  } catch (const CLI::ParseError& fault) {
    throw Error(fmt::format("{}; see --help", fault.what()));
  }
  if (app.get_option("--alpha")->count() > 0) {
    options.settings.alpha = parse_alpha(given.alpha);
  }
  if (app.get_option("--modes")->count() > 0) {
    require_inexact(options);
    options.modes = split_modes(given.modes);
  }
  options.history = take_history(app, given.history, given.metrics, options);
  take(given, options);
  require_verdicts(app, options);
  return options;
}

}  // namespace spate::compare
