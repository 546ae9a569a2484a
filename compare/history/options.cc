#include "compare/history/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <iterator>
#include <string_view>
#include <system_error>

#include "compare/error.h"
#include "compare/options.h"

namespace spate::compare {
namespace {

// Of one line, a cell's metric. At this rate a history of 40 lines in which nothing changes shows
// no step whatsoever in 24 of 25 looks, and it takes 15 commits to see anything.
constexpr double kAlpha = 0.001;
// Each of as many random orders as 20 / alpha costs time.
constexpr double kLeastAlpha = 0.0001;

bool is_given(const CLI::App& app, const std::string& flag) {
  return app.get_option(flag)->count() > 0;
}

void require_alone(const CLI::App& app) {
  for (const std::string flag :
       {"--base", "--new", "--modes", "--exact", "--quantiles", "--paired", "--suspects",
        "--family", "--advisory", "--allow-vanished", "--junit", "--html"}) {
    if (is_given(app, flag)) {
      throw Error(fmt::format("{} does not go with --history; leave out one of the two", flag));
    }
  }
  if (is_given(app, "files")) {
    throw Error(
        "files besides --history DIR; give those to keep as --add FILE…, and none for the trend");
  }
}

void require_either(const CLI::App& app) {
  const bool adds = is_given(app, "--add");
  for (const std::string flag :
       {"--cell", "--metric", "--effect", "--rules", "--ascii", "--recent", "--fail-on",
        "--acknowledge", "--alpha", "--format", "--all", "--json", "--markdown"}) {
    if (adds && is_given(app, flag)) {
      throw Error(fmt::format(
          "{} with --add, which shows nothing; add first, and look in a second call", flag));
    }
  }
  if (!adds && is_given(app, "--commit")) {
    throw Error("--commit without --add; it says of which commit the results to keep are");
  }
}

void require_commit(const CLI::App& app, const std::string& commit) {
  constexpr std::size_t kMaxLength = 64;
  const bool fine =
      !commit.empty() && commit.size() <= kMaxLength &&
      std::all_of(commit.begin(), commit.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (is_given(app, "--commit") && !fine) {
    throw Error(fmt::format("--commit is '{}'; expected a hash, best as git rev-parse HEAD has it",
                            commit));
  }
}

std::size_t parse_recent(const std::string& text) {
  const char* const end = text.data() + text.size();
  std::size_t points = 0;
  const auto [stop, fault] = std::from_chars(text.data(), end, points);
  if (fault != std::errc{} || stop != end || points == 0) {
    throw Error(fmt::format("--recent is '{}'; expected a number of points, 1 or more", text));
  }
  return points;
}

}  // namespace

void add_history_options(CLI::App& app, HistoryOptions& given) {
  constexpr const char* kGroup = "History";
  app.add_option("--history", given.folder, "Show the trend of the results in that folder")
      ->type_name("DIR")
      ->group(kGroup);
  app.add_option("--add", given.results, "Keep these results in --history DIR instead")
      ->type_name("FILE…")
      ->group(kGroup);
  app.add_option("--commit", given.commit, "With --add: whose results that do not say it are")
      ->type_name("HASH")
      ->group(kGroup);
  app.add_option("--cell", given.cells, "Only cells whose name is of this pattern: 'mode:queue *'")
      ->type_name("PATTERN")
      ->allow_extra_args(false)
      ->take_all()
      ->group(kGroup);
  app.add_option_function<std::string>(
         "--recent", [&given](const std::string& text) { given.recent = parse_recent(text); },
         "So many points from the end are news: for --fail-on, for steps that cannot be told, and "
         "for what is measured no more (default 10)")
      ->type_name("N")
      ->group(kGroup);
  app.add_flag("--ascii", given.ascii, "No characters but ASCII, as where the locale has no UTF-8")
      ->group(kGroup);
}

std::optional<HistoryOptions> take_history(const CLI::App& app, const HistoryOptions& given,
                                           std::vector<std::string>& metrics, Options& options) {
  if (!is_given(app, "--history")) {
    for (const std::string flag : {"--add", "--commit", "--cell", "--recent", "--ascii"}) {
      if (is_given(app, flag)) {
        throw Error(fmt::format("{} goes with --history DIR; add it, or leave {} out", flag, flag));
      }
    }
    return std::nullopt;
  }
  require_alone(app);
  require_either(app);
  require_commit(app, given.commit);
  HistoryOptions result = given;
  result.is_gate = is_given(app, "--fail-on");
  const auto patterns = std::stable_partition(metrics.begin(), metrics.end(), [](const auto& one) {
    return one.find('=') != std::string::npos;
  });
  result.metrics.assign(std::make_move_iterator(patterns), std::make_move_iterator(metrics.end()));
  metrics.erase(patterns, metrics.end());
  if (!is_given(app, "--alpha")) {
    options.settings.alpha = kAlpha;
  } else if (!(options.settings.alpha >= kLeastAlpha)) {
    throw Error(fmt::format("--alpha is {}; expected {} or more with --history",
                            options.settings.alpha, kLeastAlpha));
  }
  return result;
}

}  // namespace spate::compare
