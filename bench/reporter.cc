#include "reporter.h"

#include <fmt/format.h>

#include <cmath>
#include <exception>
#include <sstream>
#include <utility>

#include "build_info.h"
#include "host.h"
#include "interrupt.h"
#include "program.h"
#include "rounding.h"
#include "spate/bench/modes.h"
#include "spate/error.h"
#include "spate/version.h"

namespace spate::bench {
namespace {

using Run = benchmark::BenchmarkReporter::Run;

// Thrown out of RunSpecifiedBenchmarks when a signal asked to stop: Google Benchmark itself would
// go through all the benchmarks that are left.
struct Interrupted {};

// Google Benchmark 1.8 renamed what says that a run failed.
template <class R>
bool failed(const R& run) {
  if constexpr (requires { run.error_occurred; }) {
    return run.error_occurred;
  } else {
    return run.skipped != decltype(run.skipped){};
  }
}
template <class R>
std::string failure(const R& run) {
  if constexpr (requires { run.error_message; }) {
    return run.error_message;
  } else {
    return run.skip_message;
  }
}

// JSON has no NaN and no infinity.
Json finite(double value) {
  if (!std::isfinite(value)) {
    return nullptr;
  }
  if (value == std::floor(value) && std::abs(value) < 0x1p53) {
    return static_cast<std::int64_t>(value);
  }
  return value;
}

// What Google Benchmark says of the machine and of itself, as its own reporter writes it.
Json google_benchmark_context(const benchmark::BenchmarkReporter::Context& context) {
  std::ostringstream text;
  benchmark::JSONReporter reporter;
  reporter.SetOutputStream(&text);
  reporter.SetErrorStream(&text);
  reporter.ReportContext(context);  // ends where the rows would begin
  return Json::parse(text.str() + "]}").at("context");
}

Json mode_versions(const Options& options) {
  Json versions = Json::object();
  for (const std::string& mode : options.modes) {
    const std::string_view version = mode_named(mode).version;
    if (!version.empty()) {
      versions[mode] = version;
    }
  }
  return versions;
}

// Where time is virtual nobody asks how busy the machine is, and it takes a while to look.
Json idle_percent(const Options& options) {
  return options.virtual_time ? Json(nullptr) : finite(host_idle_percent());
}

Json context_object(const benchmark::BenchmarkReporter::Context& context, const Options& options) {
  Json object = google_benchmark_context(context);
  object.update({{"spate_version", kVersion},
                 {"git_commit", kGitCommit},
                 {"build_type", kBuildType},
                 {"compiler", kCompiler},
                 {"cpu_model", cpu_model()},
                 {"kernel", kernel_version()},
                 {"workers", options.plan.workers},
                 {"seed", options.plan.seed},
                 {"deliveries", mode_versions(options)},
                 {"host_idle_percent", idle_percent(options)},
                 // Until the end has been reached: a process that is killed leaves the mark behind.
                 {"interrupted", true}});
  for (const auto& [key, value] : options.extra_context) {
    if (object.contains(key)) {
      throw Error(fmt::format(
          "--benchmark_context '{}={}': the context has a '{}' already; choose another key", key,
          value, key));
    }
    object[key] = value;
  }
  return object;
}

Json row_object(const Run& run) {
  Json row{{"name", run.benchmark_name()},
           {"family_index", run.family_index},
           {"per_family_instance_index", run.per_family_instance_index},
           {"run_name", run.run_name.str()}};
  const bool aggregate = run.run_type == Run::RT_Aggregate;
  row["run_type"] = aggregate ? "aggregate" : "iteration";
  row["repetitions"] = run.repetitions;
  if (!aggregate) {
    row["repetition_index"] = run.repetition_index;
  }
  row["threads"] = run.threads;
  if (aggregate) {
    row["aggregate_name"] = run.aggregate_name;
    row["aggregate_unit"] =
        run.aggregate_unit == benchmark::StatisticUnit::kPercentage ? "percentage" : "time";
  }
  if (failed(run)) {
    row["error_occurred"] = true;
    row["error_message"] = failure(run);
    return row;
  }
  row["iterations"] = run.iterations;
  const bool percent = aggregate && run.aggregate_unit == benchmark::StatisticUnit::kPercentage;
  row["real_time"] = finite(percent ? run.real_accumulated_time : run.GetAdjustedRealTime());
  row["cpu_time"] = finite(percent ? run.cpu_accumulated_time : run.GetAdjustedCPUTime());
  row["time_unit"] = benchmark::GetTimeUnitString(run.time_unit);
  for (const auto& [name, counter] : run.counters) {
    if (name != RunStore::kRunCounter) {
      row[name] = finite(counter);
    }
  }
  if (!run.report_label.empty()) {
    row["label"] = run.report_label;
  }
  return row;
}

std::uint64_t run_number(const Run& run) {
  const auto counter = run.counters.find(RunStore::kRunCounter);
  return counter == run.counters.end() || run.run_type == Run::RT_Aggregate
             ? 0
             : static_cast<std::uint64_t>(counter->second.value);
}

std::string broken_ledger(const Json& row) {
  std::string line = fmt::format("{}: the ledger is broken:", row["name"].get<std::string>());
  for (const char* const counter :
       {"lost", "duplicated", "anomalies", "aliens", "corrupted", "misreported", "expected",
        "delivered", "failed", "crashed", "rejected", "unknown"}) {
    if (row.contains(counter)) {
      line += fmt::format(" {} {},", counter, row[counter].dump());
    }
  }
  line.pop_back();
  return line;
}

}  // namespace

Reporter::Reporter(std::string program, const Options& options, RunStore& store, Display* display)
    : program_(std::move(program)), options_(options), store_(store), display_(display) {
  if (!options.out_path.empty()) {
    file_.emplace(options.out_path);
  }
}

bool Reporter::ReportContext(const Context& context) {
  document_ = {{"context", context_object(context, options_)}, {"benchmarks", Json::array()}};
  if (file_) {
    write();  // from now on there is no older result to be taken for this one
  }
  if (display_ != nullptr) {
    display_->begin(document_["context"]);
  }
  return true;
}

void Reporter::ReportRuns(const std::vector<Run>& runs) {
  const std::size_t first = document_["benchmarks"].size();
  std::optional<RunStore::Entry> cut_short;
  for (const Run& run : runs) {
    add(run, cut_short);
  }
  clear_rounding(document_["benchmarks"], first);
  // Before they are shown: what is finished is kept also where the console cannot be written to.
  // And shown where the file cannot: it may have taken hours.
  std::exception_ptr unwritten;
  try {
    if (file_) {
      write();
    }
  } catch (const Error&) {
    unwritten = std::current_exception();
  }
  if (display_ != nullptr) {
    const bool aggregates = !runs.empty() && runs.front().run_type == Run::RT_Aggregate;
    show(first, aggregates, std::move(cut_short));
  }
  if (unwritten) {
    std::rethrow_exception(unwritten);
  }
  if (interrupted()) {
    throw Interrupted();
  }
}

void Reporter::add(const Run& run, std::optional<RunStore::Entry>& cut_short) {
  auto entry = store_.take(run_number(run));
  if (interrupted() && (failed(run) || (entry && entry->interrupted))) {
    // What was cut short is no result.
    cut_short = entry && entry->interrupted ? std::move(entry) : store_.take_interrupted();
    return;
  }
  Json row = row_object(run);
  if (entry) {
    row["spate"] = std::move(entry->spate);
    tell_troubles(row, entry->troubles);
    if (!entry->clean) {
      note_finding(broken_ledger(row));
    }
    if (!entry->fault_finding.empty()) {
      note_finding(fmt::format("{}: {}", run.benchmark_name(), entry->fault_finding));
    }
    if (entry->troubles.given_up) {
      row["error_occurred"] = true;
      row["error_message"] = "the delivery gave up in the middle";
      note_finding(fmt::format("{}: the delivery gave up in the middle: no measurement of it",
                               run.benchmark_name()));
    }
  }
  if (failed(run)) {
    note_finding(fmt::format("{}: failed: {}", run.benchmark_name(), failure(run)));
  } else if (run.run_type != Run::RT_Aggregate) {
    note_figures(run);
  }
  document_["benchmarks"].push_back(std::move(row));
}

// The rows from `first` on.
void Reporter::show(std::size_t first, bool aggregates, std::optional<RunStore::Entry> cut_short) {
  // Aggregates come by themselves, after the runs that they are of.
  if (!aggregates) {
    display_->benchmark_begins();
  }
  const Json& rows = document_["benchmarks"];
  for (std::size_t at = first; at < rows.size(); ++at) {
    const bool repeated = !aggregates && rows[at].value("repetitions", 0) > 1;
    if (!(repeated && options_.console_aggregates_only)) {
      display_->row(rows[at]);
    }
  }
  if (cut_short) {
    Json row;
    for (const auto& [name, value] : cut_short->counters) {
      row[name] = finite(value);
    }
    row["spate"] = std::move(cut_short->spate);
    tell_troubles(row, cut_short->troubles);
    display_->cut_short(row);
  }
}

void Reporter::note_figures(const Run& run) {
  const auto& parts = run.run_name;
  auto& figures = figures_[fmt::format("{}{}{}", parts.function_name, parts.args.empty() ? "" : "/",
                                       parts.args)];
  for (const auto& [name, counter] : run.counters) {
    figures[name] = counter;
  }
  figures[kTimeNs] =
      run.GetAdjustedRealTime() * 1e9 / benchmark::GetTimeUnitMultiplier(run.time_unit);
}

// They explain what the row counts as rejected or unknown, so they stay with it.
void Reporter::tell_troubles(Json& row, const DeliveryTroubles& troubles) {
  if (troubles.lines.empty()) {
    return;
  }
  row["spate"]["troubles"] = troubles.lines;
  for (const std::string& line : troubles.lines) {
    say(stderr, fmt::format("{}: {}\n", program_, line));
  }
}

void Reporter::note_finding(const std::string& line) {
  ++findings_;
  say(stderr, fmt::format("{}: {}\n", program_, line));
}

std::string Reporter::text() const {
  return document_.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

void Reporter::write() { file_->write(text()); }

void Reporter::append(Json row) { document_["benchmarks"].push_back(std::move(row)); }

void Reporter::Finalize() { finish(false); }

void Reporter::finish(bool was_interrupted) {
  document_["context"]["interrupted"] = was_interrupted;
  if (file_) {
    file_->write_last(text());
  }
  if (const std::size_t unclean = store_.unclean_left(); unclean > 0) {
    note_finding(
        fmt::format("{} runs that have no row (trial runs, or repetitions of which only aggregates "
                    "are reported) have a broken ledger",
                    unclean));
  }
  if (display_ != nullptr) {
    display_->end();
  }
}

namespace {

// Makes one session of several of Google Benchmark's.
class Session final : public benchmark::BenchmarkReporter {
 public:
  explicit Session(Reporter& reporter) : reporter_(reporter) {}

  bool ReportContext(const Context& context) override {
    return std::exchange(begun_, true) || reporter_.ReportContext(context);
  }
  void ReportRuns(const std::vector<Run>& runs) override { reporter_.ReportRuns(runs); }

 private:
  Reporter& reporter_;
  bool begun_ = false;
};

// False when a signal has ended it.
bool run_until_interrupted(Reporter& reporter, const std::function<void()>& work) {
  catch_interrupts();
  try {
    work();
  } catch (const Interrupted&) {
    reporter.finish(true);
    return false;
  }
  return true;
}

}  // namespace

bool run_benchmarks(Reporter& reporter) {
  return run_until_interrupted(reporter, [&] { benchmark::RunSpecifiedBenchmarks(&reporter); });
}

bool run_benchmarks(Reporter& reporter,
                    const std::function<void(const std::function<void()>&)>& work) {
  return run_until_interrupted(reporter, [&] {
    Session session(reporter);
    work([&] {
      benchmark::RunSpecifiedBenchmarks(&session);
      benchmark::ClearRegisteredBenchmarks();
    });
    reporter.finish(false);
  });
}

}  // namespace spate::bench
