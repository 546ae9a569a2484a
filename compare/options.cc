#include "compare/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>

#include "compare/distinct_files.h"
#include "compare/error.h"
#include "compare/humane.h"
#include "compare/rules.h"
#include "compare/terminal/help.h"

namespace spate::compare {
namespace {

constexpr const char* kDescription =
    "Compares result files of spate_bench or any other Google Benchmark program: the same cells of "
    "two sides, or the cells of two modes that differ in nothing else. Of two sides it says what "
    "got better or worse, what stayed the same, and what these data cannot tell.";

constexpr const char* kFooter = R"(Examples:
  spate_compare base.json new.json
  spate_compare --base b1.json --base b2.json --new n1.json --new n2.json
  spate_compare --modes mock,queue run.json
  spate_compare --exact base.json new.json
  spate_compare --format json base.json new.json > verdict.json
  spate_compare --markdown comment.md --junit verdict.xml base.json new.json
  spate_compare --history results/history --add new.json
  spate_compare --history results/history
  spate_compare --format html run.json > report.html

Exit codes, the first that applies:
  2  the command line or a file cannot be understood; one line on stderr says why
  4  an invariant is broken in the data: a failed row, something lost, duplicated, anomalous,
     alien or corrupted, a ledger that does not add up, or two digests of one plan and seed
  3  the sides are not comparable: another CPU, build type, seed, … (see --advisory)
  5  coverage is lost: a cell of BASE, or of either mode, has no partner
  1  a finding: a value differs that the seed fixes, or a verdict of --fail-on
  3  inconclusive: a file is cut short, or nothing could be told, or with --fail-on cannot-tell
     something could not
  0  none of these

Environment:
  NO_COLOR  set and not empty: no colours, unless --color always
  TERM      dumb: likewise)";

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
  for (const auto& [flag, path] : {std::pair{"--markdown", &options.markdown_path},
                                   {"--json", &options.json_path},
                                   {"--junit", &options.junit_path},
                                   {"--html", &options.html_path}}) {
    if (!path->empty()) {
      throw Error(
          fmt::format("{} with one file, {}, which is compared with nothing; give two files, "
                      "or --format html alone",
                      flag, options.runs.front()));
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

void require_alpha(double alpha) {
  if (!(alpha > 0 && alpha <= 0.5)) {
    throw Error(fmt::format("--alpha is {}; expected more than 0 and at most 0.5", alpha));
  }
}

// What the parser fills and the rest makes values of.
struct Given {
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
  HistoryOptions history;
};

void add_statistics_options(CLI::App& app, Given& given, Settings& settings) {
  constexpr const char* kGroup = "Verdicts";
  app.add_flag("--paired", settings.paired,
               "The k-th --base and the k-th --new ran in one round: test the differences")
      ->group(kGroup);
  app.add_option("--alpha", settings.alpha,
                 "Rate of false alarms that is accepted: of a cell, or with --family comparison of "
                 "all (default 0.002)")
      ->type_name("X")
      ->group(kGroup);
  app.add_option("--family", given.family, "what p values are adjusted over (default: cell)")
      ->type_name("cell|comparison")
      ->group(kGroup);
  app.add_option("--effect", given.effects,
                 "Smallest change of a metric that matters, in percent: cpu_time=15")
      ->type_name("METRIC=PERCENT")
      ->allow_extra_args(false)
      ->take_all()
      ->group(kGroup);
  app.add_option("--metric", given.metrics,
                 "What a counter is: hits=throughput:higher; with --history, without =: show only "
                 "metrics of this pattern")
      ->type_name("METRIC=CLASS[:DIRECTION]")
      ->allow_extra_args(false)
      ->take_all()
      ->group(kGroup);
  app.add_option("--rules", given.rules, "Classes and effects of metrics and cells, as JSON")
      ->type_name("FILE")
      ->group(kGroup);
  app.add_option("--acknowledge", given.acknowledgements,
                 "Known findings with reasons and days on which they expire, as JSON")
      ->type_name("FILE")
      ->group(kGroup);
  app.add_option("--suspects", given.suspects,
                 "Judge only what this verdict (--format json, of other runs) suspects")
      ->type_name("FILE")
      ->group(kGroup);
  app.add_option("--date", given.date, "The day that they are held against (default: today, UTC)")
      ->type_name("YYYY-MM-DD")
      ->group(kGroup);
  app.add_option("--fail-on", given.fail_on,
                 "Verdicts that make the exit code 1 (default: worse); cannot-tell makes it 3")
      ->type_name("worse|better|new|cannot-tell|none[,…]")
      ->group(kGroup);
  app.add_flag("--advisory", settings.advisory,
               "Judge also what is not comparable (another CPU, seed, …); no verdict then fails")
      ->group(kGroup);
  app.add_flag("--allow-vanished", settings.allow_vanished,
               "A cell that only the base has is no loss of coverage")
      ->group(kGroup);
}

void add_output_options(CLI::App& app, Given& given, Options& options) {
  constexpr const char* kGroup = "Reports";
  app.add_option("--format", given.format, "Of standard output (default: text)")
      ->type_name("text|markdown|json|junit|html")
      ->group(kGroup);
  app.add_option("--color", given.color, "Default: auto, which is on a terminal")
      ->type_name("auto|always|never")
      ->group(kGroup);
  app.add_flag("--all", options.all, "Show also cells in which nothing changed")->group(kGroup);
  for (const auto& [flag, path] : {std::pair{"--markdown", &options.markdown_path},
                                   {"--json", &options.json_path},
                                   {"--junit", &options.junit_path},
                                   {"--html", &options.html_path}}) {
    app.add_option(flag, *path, "The same verdict, written besides")
        ->type_name("FILE")
        ->group(kGroup);
  }
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

Schema schema_of(const Given& given) {
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
          fmt::format("{} goes with neither --modes nor --exact nor one file alone, of which "
                      "nothing is judged by statistics; leave it out",
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

void take(const Given& given, Options& options) {
  Settings& settings = options.settings;
  require_alpha(settings.alpha);
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
  require_new_files(
      {options.markdown_path, options.json_path, options.junit_path, options.html_path},
      std::move(inputs));
}

void set_up(CLI::App& app, Given& given, Options& options) {
  app.description(kDescription);
  app.footer(kFooter);
  set_help(app);
  app.set_version_flag("--version", SPATE_VERSION);
  app.add_option("files", given.files, "Result files: BASE NEW, or the runs of --modes")
      ->type_name("FILE");
  app.add_option("--base", options.sides[0], "A file of the base: one process; may be repeated")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->take_all();
  app.add_option("--new", options.sides[1], "A file of the new side; may be repeated")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->take_all();
  app.add_option("--modes", given.modes, "Compare the cells of mode A with those of mode B")
      ->type_name("A,B");
  app.add_option("--quantiles", given.quantiles,
                 "Of --modes: response quantiles to show (default 0.5,0.9,0.99,0.999)")
      ->type_name("Q,Q,…");
  app.add_flag("--exact", options.exact,
               "Demand that all is equal that the seed fixes: whole rows of mode sim, digests and "
               "counters of other modes");
  add_statistics_options(app, given, options.settings);
  add_output_options(app, given, options);
  add_history_options(app, given.history);
}

}  // namespace

void see_app(const std::function<void(const CLI::App&)>& see) {
  Given given;
  Options options;
  CLI::App app("", "spate_compare");
  set_up(app, given, options);
  see(app);
}

Options parse_options(std::vector<std::string> arguments) {
  Options options;
  Given given;
  CLI::App app("", "spate_compare");
  set_up(app, given, options);
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
    throw Error(fmt::format("{}; {}", fault.what(), kUsage));
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
