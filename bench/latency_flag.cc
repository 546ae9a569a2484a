#include "latency_flag.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <vector>

#include "compare/error.h"
#include "compare/hdr_histogram.h"
#include "compare/json_text.h"
#include "spate/error.h"
#include "spate/latency_recorder.h"
#include "units.h"

namespace spate::bench {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;

constexpr std::string_view kFromFile = "from:";

// As many cells of a file as an error names.
constexpr std::size_t kMaxNamed = 3;

// key=value,key=value: just these keys, each once, in any order. The values, in the keys' order.
template <std::size_t N>
std::array<std::string, N> values_of(const std::string& text,
                                     const std::array<std::string_view, N>& keys) {
  std::array<std::string, N> values;
  std::array<bool, N> given{};
  for (const std::string& item : parse_list("its parameters", text)) {
    const std::size_t equals = item.find('=');
    const std::string key = item.substr(0, equals);
    const auto found = std::find(keys.begin(), keys.end(), key);
    if (equals == std::string::npos || found == keys.end()) {
      throw Error(
          fmt::format("'{}' is no parameter of it; give {}=…", item, fmt::join(keys, "=…,")));
    }
    const auto index = static_cast<std::size_t>(found - keys.begin());
    if (std::exchange(given[index], true)) {
      throw Error(fmt::format("'{}' is there twice; give it once", key));
    }
    values[index] = item.substr(equals + 1);
  }
  for (std::size_t index = 0; index < N; ++index) {
    if (!given[index]) {
      throw Error(fmt::format("'{}' is missing; give {}=…", keys[index], fmt::join(keys, "=…,")));
    }
  }
  return values;
}

std::int64_t time_ns(std::string_view name, const std::string& text) {
  return parse_duration_ns(name, text, kMillisecond);
}

double parse_alpha(const std::string& text) {
  double alpha = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), alpha);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw Error(fmt::format("alpha '{}': give a number, such as 1.5", text));
  }
  return alpha;
}

LatencyModel parse_constant(const std::string& text) {
  return LatencyModel::constant(time_ns("the time", text));
}
LatencyModel parse_uniform(const std::string& text) {
  const auto [min, max] = values_of<2>(text, {"min", "max"});
  return LatencyModel::uniform(time_ns("min", min), time_ns("max", max));
}
LatencyModel parse_exponential(const std::string& text) {
  const auto [mean] = values_of<1>(text, {"mean"});
  return LatencyModel::exponential(time_ns("mean", mean));
}
LatencyModel parse_lognormal(const std::string& text) {
  const auto [p50, p99] = values_of<2>(text, {"p50", "p99"});
  return LatencyModel::lognormal(time_ns("p50", p50), time_ns("p99", p99));
}
LatencyModel parse_pareto(const std::string& text) {
  const auto [min, max, alpha] = values_of<3>(text, {"min", "max", "alpha"});
  return LatencyModel::pareto(time_ns("min", min), time_ns("max", max), parse_alpha(alpha));
}

// The errors of its readers are lines like ours.
template <class Read>
auto read_by_compare(Read read) {
  try {
    return read();
  } catch (const compare::Error& error) {
    throw Error(error.what());
  }
}

nlohmann::json read_json(const std::string& path) {
  if (std::filesystem::is_directory(path)) {
    throw Error(fmt::format("'{}' is a folder; give a result file", path));
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw Error(fmt::format("cannot open '{}'; give a result file", path));
  }
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return read_by_compare([&] { return compare::parse_json(text, path); });
}

// Empty where there is none.
std::string text_of(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// The rows that measured something, whatever their names are.
std::vector<const nlohmann::json*> rows_of(const nlohmann::json& document) {
  std::vector<const nlohmann::json*> rows;
  if (document.is_object() && document.contains("benchmarks")) {
    for (const nlohmann::json& row : document.at("benchmarks")) {
      if (row.is_object() && text_of(row, "run_type") != "aggregate") {
        rows.push_back(&row);
      }
    }
  }
  return rows;
}

const nlohmann::json& row_named(const std::vector<const nlohmann::json*>& rows,
                                const std::string& path, const std::string& cell) {
  std::vector<std::string> names;
  std::vector<const nlohmann::json*> found;
  for (const nlohmann::json* const row : rows) {
    const std::string name = text_of(*row, "name");
    names.push_back(name);
    if (name == cell || (!cell.empty() && name.starts_with(cell + '/'))) {
      found.push_back(row);
    }
  }
  if (found.size() == 1) {
    return *found.front();
  }
  if (found.size() > 1) {
    throw Error(fmt::format("'{}' has {} rows '{}'; give the whole name of one that is there once",
                            path, found.size(), cell));
  }
  const std::size_t left_out = names.size() - std::min(names.size(), kMaxNamed);
  names.resize(names.size() - left_out);
  throw Error(names.empty()
                  ? fmt::format("'{}' has no rows; give a result file", path)
                  : fmt::format("'{}' has no row '{}', but {}{}", path, cell,
                                fmt::join(names, ", "),
                                left_out > 0 ? fmt::format(" and {} more", left_out) : ""));
}

LatencyRecorder recorder_of(const std::string& text) {
  const compare::HdrHistogram histogram =
      read_by_compare([&] { return compare::decode_hdr(text); });
  constexpr compare::HdrLayout kRecorded{
      .lowest_ns = 1, .highest_ns = LatencyRecorder::kHighestNs, .digits = 2};
  const compare::HdrLayout& layout = histogram.layout();
  if (layout != kRecorded) {
    throw Error(
        fmt::format("its histogram has {} digits for {} to {} ns; give a row of Spate's, "
                    "with {} digits for {} to {} ns",
                    layout.digits, layout.lowest_ns, layout.highest_ns, kRecorded.digits,
                    kRecorded.lowest_ns, kRecorded.highest_ns));
  }
  std::array<std::uint64_t, LatencyRecorder::kBuckets> counts{};
  for (const compare::HdrBucket& bucket : histogram.buckets()) {
    counts[LatencyRecorder::kLayout.index_of(bucket.low_ns)] = bucket.count;
  }
  return LatencyRecorder::from_counts(counts);
}

LatencyModel parse_from(const std::string& text) {
  const std::size_t hash = text.rfind('#');
  if (hash == std::string::npos) {
    throw Error("a cell is missing; give from:FILE#CELL, with a row's name for CELL");
  }
  const std::string path = text.substr(0, hash);
  const std::string cell = text.substr(hash + 1);
  const nlohmann::json document = read_json(path);
  const nlohmann::json& row = row_named(rows_of(document), path, cell);
  const auto spate = row.find("spate");
  const std::string histogram =
      spate != row.end() && spate->is_object() ? text_of(*spate, "response_histogram") : "";
  if (histogram.empty()) {
    throw Error(fmt::format("row '{}' has no histogram; give one of a run that delivered messages",
                            text_of(row, "name")));
  }
  return LatencyModel::empirical(recorder_of(histogram));
}

struct Kind {
  std::string_view name;
  const char* usage;
  LatencyModel (*parse)(const std::string& parameters);
};
constexpr std::array<Kind, 6> kKinds{{
    {"constant", "constant:TIME", parse_constant},
    {"uniform", "uniform:min=TIME,max=TIME", parse_uniform},
    {"exponential", "exponential:mean=TIME", parse_exponential},
    {"lognormal", "lognormal:p50=TIME,p99=TIME", parse_lognormal},
    {"pareto", "pareto:min=TIME,max=TIME,alpha=NUMBER", parse_pareto},
    {"from", "from:FILE#CELL", parse_from},
}};

}  // namespace

std::string latency_file(const std::string& text) {
  const std::size_t hash = text.rfind('#');
  return text.starts_with(kFromFile) && hash != std::string::npos && hash >= kFromFile.size()
             ? text.substr(kFromFile.size(), hash - kFromFile.size())
             : "";
}

std::string latency_usage() {
  std::string usage;
  for (const Kind& kind : kKinds) {
    usage += fmt::format("{}{}", usage.empty() ? "" : ", ", kind.usage);
  }
  return usage;
}

LatencyModel parse_latency(std::string_view flag, const std::string& text) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  const std::string_view name = std::string_view(text).substr(0, colon);
  const auto* const kind =
      std::find_if(kKinds.begin(), kKinds.end(), [&](const Kind& k) { return k.name == name; });
  if (kind == kKinds.end()) {
    throw Error(fmt::format("{} '{}': no such model; give {}", flag, text, latency_usage()));
  }
  if (colon == text.size()) {
    throw Error(
        fmt::format("{} '{}': its parameters are missing; give {}", flag, text, kind->usage));
  }
  try {
    return kind->parse(text.substr(colon + 1));
  } catch (const Error& error) {
    throw Error(fmt::format("{} '{}': {}", flag, text, error.what()));
  }
}

}  // namespace spate::bench
