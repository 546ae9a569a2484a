#include "compare/row_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "compare/error.h"
#include "compare/fields.h"
#include "compare/json_text.h"
#include "compare/metrics.h"
#include "compare/real_faults.h"
#include "compare/schema.h"

namespace spate::compare {
namespace {

constexpr double kMaxCount = 9007199254740992.0;  // 2^53: beyond it counts in doubles are not exact

// The account of a run: without it, nothing could be found wrong with it.
constexpr std::array<std::string_view, 12> kAccount{
    "expected", "delivered",  "failed",    "crashed", "rejected",  "unknown",
    "lost",     "duplicated", "anomalies", "aliens",  "corrupted", "misreported"};
constexpr std::array<std::string_view, 5> kMeasures{kThroughput, "success_rate", "response_ns_mean",
                                                    kResponseP50, kResponseP99};

template <std::size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_time(std::string_view name) { return name == kRealTime || name == kCpuTime; }

// What is not UTF-8 cannot be written again, as the cell's key is.
nlohmann::json writable(const nlohmann::json& cell) {
  return nlohmann::json::parse(cell.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

// Of what an answer says of itself.
Bound bound_of(const nlohmann::json& answer) {
  const auto says = [&](const char* name, const nlohmann::json& value) {
    const auto found = answer.find(name);
    return found != answer.end() && *found == value;
  };
  if (!says("at_least", true)) {
    return Bound::none;
  }
  return says("fails", nullptr) && !says("generator_limited", true) ? Bound::tried : Bound::open;
}

// Nothing for rows that measure nothing.
std::optional<RowKind> kind_of(std::string_view run_type, std::string_view aggregate) {
  if (run_type == "iteration") {
    return RowKind::iteration;
  }
  if (aggregate == "mean") {
    return RowKind::mean;
  }
  return aggregate == "median" ? std::optional{RowKind::median} : std::nullopt;
}

}  // namespace

struct RowReader::Draft {
  Row row;
  std::size_t index = 0;  // of the row in its file, from 1
  std::string_view name;
  std::string_view run_type = "iteration";
  std::string_view aggregate;
  std::string_view time_unit = "ns";
  std::string_view error_message;
  bool failed = false;
  bool skipped = false;
  std::array<bool, 2> has_time{};  // real_time, cpu_time: said, if only as null
  std::shared_ptr<Delivery> delivery;
};

void RowReader::read_into(Rows& rows) {
  JsonReader& reader = origin_.reader;
  Draft draft;
  draft.index = ++rows_read_;
  if (reader.peek() != JsonKind::object) {
    throw Error(
        fmt::format("{} is {}; expected an object", where(draft), with_article(reader.peek())));
  }
  const std::size_t begin = reader.offset();
  draft.row.origin = &origin_;
  draft.row.first_counter = origin_.counters.size();
  std::size_t member_index = 0;
  try {
    reader.read_object([&](std::string_view key) {
      const RowShape::Member& member = shape_.at(member_index++, key);
      if (member.is_repeated) {
        ++repeated_members_;
        reader.skip();
      } else {
        read_member(member, draft);
      }
    });
  } catch (const Truncated&) {
    origin_.counters.resize(draft.row.first_counter);
    throw;
  }
  draft.row.source = origin_.text.substr(begin, reader.offset() - begin);
  draft.row.counter_count = origin_.counters.size() - draft.row.first_counter;
  finish(draft, rows);
}

void RowReader::read_member(const RowShape::Member& member, Draft& draft) {
  JsonReader& reader = origin_.reader;
  if (reader.peek() == JsonKind::null) {  // as if it were not there
    draft.has_time[0] |= member.name == kRealTime;
    draft.has_time[1] |= member.name == kCpuTime;
    reader.skip();
    return;
  }
  switch (member.role) {
    case MemberRole::name:
      draft.name = read_text(member.name, draft);
      return;
    case MemberRole::run_name:
      draft.row.run_name = same_as_last(read_text(member.name, draft));
      return;
    case MemberRole::run_type:
      draft.run_type = read_text(member.name, draft);
      return;
    case MemberRole::aggregate_name:
      draft.aggregate = read_text(member.name, draft);
      return;
    case MemberRole::time_unit:
      draft.time_unit = read_text(member.name, draft);
      return;
    case MemberRole::error_message:
      draft.error_message = read_text(member.name, draft);
      return;
    case MemberRole::error_occurred:
      draft.failed = read_flag(member.name, draft);
      return;
    case MemberRole::skipped:
      draft.skipped = read_flag(member.name, draft);
      return;
    case MemberRole::iterations:
      if (reader.peek() != JsonKind::number) {
        reject(draft, member.name, "a number");
      }
      draft.row.iterations = reader.read_number();
      return;
    case MemberRole::spate:
      read_delivery(draft);
      return;
    case MemberRole::of_no_use:
      reader.skip();
      return;
    case MemberRole::counter:
      read_counter(member.name, draft);
      return;
  }
}

void RowReader::read_counter(std::string_view name, Draft& draft) {
  JsonReader& reader = origin_.reader;
  if (reader.peek() != JsonKind::number) {
    if (is_time(name) || is_one_of(name, kAccount) || is_one_of(name, kMeasures)) {
      reject(draft, name, "a number");
    }
    reader.skip();
    return;
  }
  draft.has_time[0] |= name == kRealTime;
  draft.has_time[1] |= name == kCpuTime;
  if (const std::optional<double> value = reader.read_number()) {
    origin_.counters.push_back({name, *value});
  }
}

void RowReader::read_delivery(Draft& draft) {
  JsonReader& reader = origin_.reader;
  if (reader.peek() != JsonKind::object) {
    reject(draft, "spate", "an object");
  }
  const auto delivery = std::make_shared<Delivery>();
  reader.read_object([&](std::string_view key) { read_delivery_member(key, *delivery, draft); });
  if (!delivery->cell) {
    throw Error(fmt::format("{}: 'spate': 'cell' is missing; expected an object", where(draft)));
  }
  draft.delivery = delivery;
}

void RowReader::read_delivery_member(std::string_view key, Delivery& delivery, const Draft& draft) {
  JsonReader& reader = origin_.reader;
  const bool is_null = reader.peek() == JsonKind::null;
  if (key == "digest" && !is_null) {
    delivery.digest = read_text(key, draft);
  } else if (key == "mock_digest" && !is_null) {
    delivery.mock_digest = read_text(key, draft);
  } else if (key == "windows" && !is_null) {
    if (reader.peek() != JsonKind::array) {
      reject(draft, key, "an array");
    }
    delivery.p99_of_windows = p99_of_windows();
  } else if (key == "faults" && !is_null) {
    delivery.fault_trouble =
        fault_trouble(reader.read_json(), fmt::format("{}: 'spate': 'faults'", where(draft)));
  } else if (key == "step" && !is_null) {
    delivery.is_step = true;
    reader.skip();
  } else if (key == "answer" && !is_null) {
    delivery.bound = bound_of(reader.read_json());
  } else if (key == "cut_short" && reader.peek() == JsonKind::boolean) {
    delivery.cut_short = reader.read_boolean();
  } else if (key == "cell") {
    const std::size_t begin = reader.offset();
    const nlohmann::json cell = reader.read_json();
    const std::string_view text = origin_.text.substr(begin, reader.offset() - begin);
    if (!last_cell_ || text != last_cell_text_) {
      const Fields fields(cell, fmt::format("{}: 'spate': 'cell'", where(draft)));
      // These name the cell to people, so they must be there and be what they seem.
      (void)fields.required_text("mode");
      (void)fields.required_object("chaos").required_text("profile");
      if (!fields.text(kObjective)) {
        (void)fields.required_number("rate");
      }
      (void)fields.required_number("agents");
      last_cell_ = std::make_shared<const nlohmann::json>(canonical(writable(cell)));
      last_cell_text_ = text;
    }
    delivery.cell = last_cell_;
    delivery.mode = last_cell_->at("mode");
    delivery.is_answer = last_cell_->contains(kObjective);
  } else {
    reader.skip();
  }
}

std::optional<double> RowReader::p99_of_windows() {
  JsonReader& reader = origin_.reader;
  std::vector<double> values;
  reader.read_array([&] {
    if (reader.peek() != JsonKind::object) {
      reader.skip();
      return;
    }
    reader.read_object([&](std::string_view key) {
      if (key != kResponseP99 || reader.peek() != JsonKind::number) {
        reader.skip();
      } else if (const std::optional<double> value = reader.read_number()) {
        values.push_back(*value);
      }
    });
  });
  return median(std::move(values));
}

// Repetitions follow each other: as the same text in one place they are compared without touching
// all of the file again.
std::string_view RowReader::same_as_last(std::string_view run_name) {
  if (run_name != last_run_name_) {
    last_run_name_ = run_name;
  }
  return last_run_name_;
}

std::string_view RowReader::read_text(std::string_view name, const Draft& draft) {
  if (origin_.reader.peek() != JsonKind::string) {
    reject(draft, name, "a string");
  }
  return origin_.reader.read_string();
}

bool RowReader::read_flag(std::string_view name, const Draft& draft) {
  if (origin_.reader.peek() != JsonKind::boolean) {
    reject(draft, name, "true or false");
  }
  return origin_.reader.read_boolean();
}

std::string RowReader::where(const Draft& draft) const {
  return draft.name.empty() ? fmt::format("{}: row {}", origin_.path, draft.index)
                            : fmt::format("{}: row '{}'", origin_.path, draft.name);
}

void RowReader::reject(const Draft& draft, std::string_view name, std::string_view expected) const {
  throw Error(fmt::format("{}: '{}' is {}; expected {}", where(draft), name,
                          with_article(origin_.reader.peek()), expected));
}

void RowReader::scale_times(Draft& draft) {
  const std::optional<double> factor = ns_per(draft.time_unit);
  if (!factor) {
    throw Error(fmt::format("{}: 'time_unit' is '{}'; expected ns, us, ms or s", where(draft),
                            draft.time_unit));
  }
  for (std::size_t i = draft.row.first_counter; i < origin_.counters.size(); ++i) {
    Counter& counter = origin_.counters[i];
    if (*factor != 1 && is_time(counter.name)) {
      counter.value *= *factor;
      if (!std::isfinite(counter.value)) {
        throw Error(fmt::format("{}: '{}' is beyond the range of a double in ns; expected a time",
                                where(draft), counter.name));
      }
    }
  }
}

// A failed benchmark has measured nothing, so it may say nothing.
void RowReader::check_values(const Draft& draft) const {
  for (const auto& [name, said] :
       {std::pair{kRealTime, draft.has_time[0]}, {kCpuTime, draft.has_time[1]}}) {
    if (!said && !draft.failed) {
      throw Error(fmt::format("{}: '{}' is missing; expected a number", where(draft), name));
    }
  }
  const double iterations = draft.row.iterations.value_or(0);
  if (!(iterations >= 0 && iterations <= kMaxCount)) {
    throw Error(fmt::format("{}: 'iterations' is {}; expected a count from 0 to 2^53", where(draft),
                            iterations));
  }
  if (draft.delivery && !draft.delivery->is_answer && draft.row.kind == RowKind::iteration) {
    check_account(draft);
  }
}

void RowReader::check_account(const Draft& draft) const {
  for (const std::string_view name : kAccount) {
    const std::optional<double> value = draft.row.value(name);
    if (!value && !draft.failed) {
      throw Error(fmt::format("{}: '{}' is missing; expected the whole account of a delivery run",
                              where(draft), name));
    }
    if (value && !(*value >= 0 && *value <= kMaxCount)) {
      throw Error(fmt::format("{}: '{}' is {}; expected a count from 0 to 2^53", where(draft), name,
                              *value));
    }
  }
  for (const std::string_view name : kMeasures) {
    if (const std::optional<double> value = draft.row.value(name); value && *value < 0) {
      throw Error(fmt::format("{}: '{}' is {}; expected 0 or more", where(draft), name, *value));
    }
  }
  if (const double rate = draft.row.value("success_rate").value_or(0); rate > 1) {
    throw Error(fmt::format("{}: 'success_rate' is {}; expected at most 1", where(draft), rate));
  }
}

void RowReader::finish(Draft& draft, Rows& rows) {
  if (draft.name.empty()) {
    throw Error(fmt::format("{}: 'name' is missing; expected a string", where(draft)));
  }
  if (draft.run_type != "iteration" && draft.run_type != "aggregate") {
    throw Error(fmt::format("{}: 'run_type' is '{}'; expected iteration or aggregate", where(draft),
                            draft.run_type));
  }
  const std::optional<RowKind> kind = kind_of(draft.run_type, draft.aggregate);
  if (draft.skipped || !kind) {
    origin_.counters.resize(draft.row.first_counter);
    return;
  }
  Row& row = draft.row;
  row.kind = *kind;
  if (row.run_name.empty()) {
    row.run_name = draft.name;
  }
  if (draft.failed) {
    row.error = std::make_shared<const std::string>(draft.error_message);
  }
  scale_times(draft);
  check_values(draft);
  row.delivery = std::move(draft.delivery);
  if (rows.empty()) {
    expect_more_like(row, rows);
  }
  rows.push_back(std::move(row));
}

void RowReader::expect_more_like(const Row& first, Rows& rows) {
  const std::size_t read = origin_.reader.offset();
  const std::size_t more = (origin_.text.size() - read) / first.source.size() + 1;
  rows.reserve(more);
  origin_.counters.reserve(more * first.counter_count);
}

}  // namespace spate::compare
