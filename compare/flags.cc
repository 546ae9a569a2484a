#include "compare/flags.h"

#include <CLI/CLI.hpp>
#include <utility>

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
  TERM      where it is dumb: likewise)";

void add_statistics_options(CLI::App& app, GivenFlags& given, Settings& settings) {
  constexpr const char* kGroup = "Verdicts";
  app.add_flag("--paired", settings.paired,
               "The k-th --base and the k-th --new ran in one round: test the differences")
      ->group(kGroup);
  app.add_option("--alpha", given.alpha,
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

void add_output_options(CLI::App& app, GivenFlags& given, Options& options) {
  constexpr const char* kGroup = "Reports";
  app.add_option("--format", given.format, "Of standard output (default: text)")
      ->type_name("text|markdown|json|junit|html")
      ->group(kGroup);
  app.add_option("--color", given.color, "Default: auto, which is on a terminal")
      ->type_name("auto|always|never")
      ->group(kGroup);
  app.add_flag("--all", options.all, "Show also cells in which nothing changed")->group(kGroup);
  for (ReportBesides& report : options.besides) {
    app.add_option(report.flag, report.path, "The same verdict, written besides")
        ->type_name("FILE")
        ->group(kGroup);
  }
}

}  // namespace

void set_up_flags(CLI::App& app, GivenFlags& given, Options& options) {
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

}  // namespace spate::compare
