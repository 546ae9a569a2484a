// Google Benchmark's results, on their way to the console and the result file.
#pragma once

#include <benchmark/benchmark.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "claims.h"
#include "display.h"
#include "matrix.h"
#include "options.h"
#include "result_file.h"
#include "result_json.h"

namespace spate::bench {

class Reporter : public benchmark::BenchmarkReporter {
 public:
  // `program`: what a finding's line begins with. `display`: null while JSON goes to standard
  // output. All must outlive the reporter. Throws Error when the output cannot be written.
  Reporter(std::string program, const Options& options, RunStore& store, Display* display);

  bool ReportContext(const Context& context) override;
  // Throws Error when the file cannot be written. Within run_benchmarks() only.
  void ReportRuns(const std::vector<Run>& runs) override;
  void Finalize() override;

  // A row that no benchmark has: the last one, before finish().
  void append(Json row);
  // Writes the final state, whether or not all benchmarks were run.
  void finish(bool interrupted);
  // Rows with an error, with a ledger that says something is wrong, or whose delivery gave up.
  std::size_t findings() const { return findings_; }
  const Figures& figures() const { return figures_; }
  // The result file's content as it stands.
  std::string text() const;

 private:
  void add(const Run& run, std::optional<RunStore::Entry>& cut_short);
  void show(std::size_t first, bool aggregates, std::optional<RunStore::Entry> cut_short);
  void note_figures(const Run& run);
  void tell_troubles(Json& row, const DeliveryTroubles& troubles);
  void note_finding(const std::string& line);
  void write();

  std::string program_;
  const Options& options_;
  RunStore& store_;
  Display* display_;
  std::optional<ResultFile> file_;
  Json document_;
  Figures figures_;
  std::size_t findings_ = 0;
};

// Runs the registered benchmarks that match the filter. False when a signal has ended it before the
// last one; the reporter has kept what was finished.
bool run_benchmarks(Reporter& reporter);

// The same for benchmarks of which nobody knows beforehand which they are: `work` registers some,
// and calls what it is given, which runs them and forgets them; as often as it likes. All rows are
// of one file. A signal ends `work` by an exception of our own, which it must let pass.
bool run_benchmarks(Reporter& reporter,
                    const std::function<void(const std::function<void()>& run_registered)>& work);

}  // namespace spate::bench
