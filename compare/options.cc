#include "compare/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>
#include <utility>

#include "compare/error.h"

namespace spate::compare {
namespace {

constexpr const char* kDescription =
    "Compares result files of spate_bench or any other Google Benchmark program:\n"
    "the same cells of two files, or the cells of two modes that differ in nothing else.\n"
    "Ratios are other/reference; repetitions count by their median.";

constexpr const char* kFooter = R"(Examples:
  spate_compare base.json new.json
  spate_compare --modes mock,queue run.json
  spate_compare --modes mock,redis mock.json redis.json
  spate_compare --exact base.json new.json
  spate_compare --format json base.json new.json > verdict.json

Exit codes, the first that applies:
  2  the command line or a file cannot be understood; one line on stderr says why
  4  an invariant is broken in the data: a failed row, something lost, duplicated, anomalous,
     alien or corrupted, a ledger that does not add up, or two digests of one plan and seed
  5  coverage is lost: a cell of BASE, or of either mode, has no partner
  1  a regression: with --exact, a value differs that the seed fixes
  3  inconclusive: a file is of an interrupted run, or there was nothing to compare,
     or with --exact nothing that the seed fixes
  0  none of these, whatever the ratios are)";

constexpr const char* kUsage =
    "expected BASE.json NEW.json, or --modes A,B with one or two files; see --help";

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

Format parse_format(const std::string& given) {
  if (given != "text" && given != "json") {
    throw Error(fmt::format("--format is '{}'; expected text or json", given));
  }
  return given == "json" ? Format::json : Format::text;
}

void require_files(const Options& options) {
  const std::size_t count = options.files.size();
  if (count == 2 || (count == 1 && options.modes)) {
    return;
  }
  throw Error(count == 0 ? fmt::format("no file given; {}", kUsage)
                         : fmt::format("{} file{} given ({}); {}", count, count == 1 ? "" : "s",
                                       fmt::join(options.files, ", "), kUsage));
}

}  // namespace

Options parse_options(std::vector<std::string> arguments) {
  Options options;
  std::string modes;
  std::string format = "text";
  CLI::App app(kDescription, "spate_compare");
  app.footer(kFooter);
  app.add_option("files", options.files, "Result files: BASE NEW, or the run of --modes")
      ->type_name("FILE");
  CLI::Option* modes_option =
      app.add_option("--modes", modes, "Compare the cells of mode A with those of mode B")
          ->type_name("A,B");
  app.add_flag("--exact", options.exact,
               "Demand that all is equal that the seed fixes: whole rows of mode sim, digests and "
               "counters of other modes");
  app.add_option("--format", format, "text for people (default) or json for programs")
      ->type_name("text|json");
  app.set_version_flag("--version", SPATE_VERSION);
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
  if (modes_option->count() > 0) {
    require_inexact(options);
    options.modes = split_modes(modes);
  }
  options.format = parse_format(format);
  require_files(options);
  return options;
}

}  // namespace spate::compare
