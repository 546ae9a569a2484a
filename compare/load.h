// A result file, checked, repaired where it can be, and reduced to what a comparison needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compare/huge_pages.h"
#include "compare/json_reader.h"

namespace spate::compare {

// The mode in virtual time: the seed fixes its rows to the bit, with any number of workers.
inline constexpr std::string_view kVirtualTime = "sim";

enum class RowKind : std::uint8_t {
  iteration,  // one measured repetition
  mean,       // Google Benchmark's aggregates over repetitions; kept only where a file has
  median,     // no iteration rows of that run_name (--benchmark_report_aggregates_only)
};

// Whether the answer of a search is the highest rate itself.
enum class Bound : std::uint8_t {
  none,   // it is
  tried,  // a lower bound: nothing failed, as far as was tried
  open,   // a lower bound for another reason: Spate or its machine kept it from more, or chance did
};

struct Counter {
  std::string_view name;  // as in the file
  double value = 0;       // of real_time and cpu_time: ns
};

// What only a row of a delivery has.
struct Delivery {
  std::shared_ptr<const nlohmann::json> cell;  // canonical; never null
  std::string mode;
  std::string digest;  // empty where unknown, as the next
  std::string mock_digest;
  std::optional<double> p99_of_windows;  // the median of its windows' response p99, ns
  // Of a search for the highest rate: whether the row is one of its steps, or its answer. An answer
  // has an objective in its cell in place of a rate, and no account.
  bool is_step = false;
  bool is_answer = false;
  Bound bound = Bound::none;  // of an answer: the rate may be any above
  bool cut_short = false;     // stopped on the way: what was under way counts as lost
  std::string fault_trouble;  // what went wrong with its real faults; empty: nothing
};

// A file's text and what rows refer to. Outlives them: see ResultFile.
struct Origin {
  // `given_text` is in what `given_owner` keeps.
  Origin(std::string given_path, std::string_view given_text,
         std::shared_ptr<const void> given_owner);

  std::string path;
  std::shared_ptr<const void> owner;
  std::string_view text;
  JsonReader reader;
  std::vector<Counter, HugePageAllocator<Counter>>
      counters;  // of all rows, one row after the other
};

struct Row {
  const Origin* origin = nullptr;
  std::string_view run_name;
  RowKind kind = RowKind::iteration;
  std::optional<double> iterations;
  std::shared_ptr<const std::string> error;  // the benchmark failed, and why; else none
  std::shared_ptr<const Delivery> delivery;  // none in a row of another benchmark
  std::size_t first_counter = 0;
  std::size_t counter_count = 0;
  std::string_view source;  // the row as it stands in the file

  std::span<const Counter> counters() const;
  std::optional<double> value(std::string_view name) const;
  nlohmann::json json() const;  // of members with one name the first, as in counters()
  std::string where() const;    // "new.json: row 'BM_a/8'", for errors
};

using Rows = std::vector<Row, HugePageAllocator<Row>>;

struct ResultFile {
  std::string path;
  bool interrupted = false;
  bool truncated = false;  // ended too early; `rows` has those that were complete
  std::map<std::string, std::string> context;  // what two files must have in common: see context.h
  std::shared_ptr<const nlohmann::json> whole_context;  // as it stands in the file, if it has one
  std::vector<std::string> notes;  // what was repaired or is unusual, one line each
  Rows rows;
  std::shared_ptr<const Origin> origin;
};

// Both throw Error when the file cannot be read or is not a Google Benchmark result file.
ResultFile load_results(const std::string& path);
ResultFile parse_results(std::string text, const std::string& path);

// All of them, on as many threads as there are cores.
std::vector<ResultFile> load_all(const std::vector<std::string>& paths);

}  // namespace spate::compare
