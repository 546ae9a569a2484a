#include "compare/load.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <set>
#include <utility>

#include "compare/error.h"
#include "compare/fields.h"
#include "compare/json_text.h"

namespace spate::compare {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{512} * 1024 * 1024;

constexpr std::array<std::string_view, 12> kCounts{
    "expected", "delivered",  "failed",    "crashed", "rejected",  "unknown",
    "lost",     "duplicated", "anomalies", "aliens",  "corrupted", "misreported"};
constexpr std::array<std::string_view, 5> kMeasures{"messages_per_second", "success_rate",
                                                    "response_ns_mean", "response_ns_p50",
                                                    "response_ns_p99"};

struct CloseFile {
  void operator()(std::FILE* file) const { (void)std::fclose(file); }
};

std::string read_file(const std::string& path) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rb"));
  if (!file) {
    throw Error(
        fmt::format("cannot open {}: {}; expected a result file", path, std::strerror(errno)));
  }
  std::string text;
  std::array<char, 65536> chunk{};
  while (const std::size_t got = std::fread(chunk.data(), 1, chunk.size(), file.get())) {
    text.append(chunk.data(), got);
    if (text.size() > kMaxFileBytes) {
      throw Error(fmt::format("{} is larger than {} MiB; no result file is", path,
                              kMaxFileBytes / 1024 / 1024));
    }
  }
  // A directory opens like a file and fails only here.
  if (std::ferror(file.get()) != 0) {
    throw Error(
        fmt::format("cannot read {}: {}; expected a result file", path, std::strerror(errno)));
  }
  return text;
}

double ns_per_unit(const Fields& row) {
  const std::string unit = row.text("time_unit").value_or("ns");
  for (const auto& [name, factor] : {std::pair{"ns", 1.0}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}}) {
    if (unit == name) {
      return factor;
    }
  }
  throw Error(fmt::format("{}: 'time_unit' is '{}'; expected ns, us, ms or s", row.where(), unit));
}

void read_times(const Fields& fields, Row& row) {
  const double factor = ns_per_unit(fields);
  for (const std::string_view name : {"real_time", "cpu_time"}) {
    // A failed benchmark has measured nothing, so it may say nothing.
    const std::optional<double> time =
        row.error ? fields.number(name) : fields.required_number(name);
    if (!time) {
      continue;
    }
    const double time_ns = *time * factor;
    if (!std::isfinite(time_ns)) {
      throw Error(fmt::format("{}: '{}' is {}; expected a time", fields.where(), name, *time));
    }
    row.numbers.emplace(fmt::format("{}_ns", name), time_ns);
  }
}

void read_numbers(const Fields& fields, Row& row) {
  read_times(fields, row);
  for (const std::string_view name : kCounts) {
    if (const std::optional<double> value = fields.count(name)) {
      row.numbers.emplace(name, *value);
    }
  }
  for (const std::string_view name : kMeasures) {
    if (const std::optional<double> value = fields.number(name)) {
      if (*value < 0) {
        throw Error(
            fmt::format("{}: '{}' is {}; expected 0 or more", fields.where(), name, *value));
      }
      row.numbers.emplace(name, *value);
    }
  }
}

// A run without its account is no run of ours: nothing could be found wrong with it.
void require_account(const Fields& fields, const Row& row) {
  for (const std::string_view name : kCounts) {
    if (!row.numbers.contains(name)) {
      throw Error(fmt::format("{}: '{}' is missing; expected the whole account of a delivery run",
                              fields.where(), name));
    }
  }
}

void read_delivery(const Fields& fields, Row& row) {
  const std::optional<Fields> spate = fields.object("spate");
  if (!spate) {
    return;
  }
  const Fields cell = spate->required_object("cell");
  row.mode = cell.required_text("mode");
  // These three name the cell to people, so they must be there and be what they seem.
  (void)cell.required_object("chaos").required_text("profile");
  (void)cell.required_number("rate");
  (void)cell.required_number("agents");
  row.cell = std::make_shared<const nlohmann::json>(canonical(cell.json()));
  row.digest = spate->text("digest").value_or("");
  if (row.kind == RowKind::iteration && !row.error) {
    require_account(fields, row);
  }
}

// Nothing for rows that measure nothing: spreads (stddev, cv), fitted complexities, skipped ones.
std::optional<RowKind> kind_of(const Fields& fields) {
  if (fields.flag("skipped")) {
    return std::nullopt;
  }
  const std::string type = fields.text("run_type").value_or("iteration");
  if (type == "iteration") {
    return RowKind::iteration;
  }
  if (type != "aggregate") {
    throw Error(fmt::format("{}: 'run_type' is '{}'; expected iteration or aggregate",
                            fields.where(), type));
  }
  const std::string aggregate = fields.text("aggregate_name").value_or("");
  if (aggregate == "mean") {
    return RowKind::mean;
  }
  return aggregate == "median" ? std::optional{RowKind::median} : std::nullopt;
}

std::optional<Row> read_row(const Fields& fields, const std::string& path) {
  const std::string name = fields.required_text("name");
  const Fields named(fields.json(), fmt::format("{}: row '{}'", path, name));
  const std::optional<RowKind> kind = kind_of(named);
  if (!kind) {
    return std::nullopt;
  }
  Row row;
  row.file = path;
  row.kind = *kind;
  row.run_name = named.text("run_name").value_or(name);
  row.iterations = named.count("iterations");
  if (named.flag("error_occurred")) {
    row.error = named.text("error_message").value_or("");
  }
  read_numbers(named, row);
  read_delivery(named, row);
  return row;
}

// Aggregates repeat what iteration rows say in full.
void drop_needless_aggregates(std::vector<Row>& rows) {
  std::set<std::string> measured;
  for (const Row& row : rows) {
    if (row.kind == RowKind::iteration) {
      measured.insert(row.run_name);
    }
  }
  std::erase_if(rows, [&](const Row& row) {
    return row.kind != RowKind::iteration && measured.contains(row.run_name);
  });
}

}  // namespace

std::optional<double> Row::value(std::string_view name) const {
  const auto found = numbers.find(name);
  return found == numbers.end() ? std::nullopt : std::optional{found->second};
}

ResultFile load_results(const std::string& path) { return parse_results(read_file(path), path); }

ResultFile parse_results(std::string_view text, const std::string& path) {
  const auto document = std::make_shared<const nlohmann::json>(parse_json(text, path));
  const Fields root(*document, path);
  const auto benchmarks = document->find("benchmarks");
  if (benchmarks == document->end() || !benchmarks->is_array()) {
    throw Error(fmt::format(
        "{} has no array 'benchmarks'; expected a file of --benchmark_out with format json", path));
  }
  ResultFile file;
  file.path = path;
  if (const std::optional<Fields> context = root.object("context")) {
    file.interrupted = context->flag("interrupted");
  }
  for (std::size_t i = 0; i < benchmarks->size(); ++i) {
    const Fields fields((*benchmarks)[i], fmt::format("{}: row {}", path, i + 1));
    if (std::optional<Row> row = read_row(fields, path)) {
      row->source = {document, &fields.json()};
      file.rows.push_back(*std::move(row));
    }
  }
  drop_needless_aggregates(file.rows);
  return file;
}

}  // namespace spate::compare
