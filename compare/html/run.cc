#include "compare/html/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "compare/error.h"
#include "compare/fields.h"
#include "compare/metrics.h"

namespace spate::compare::html {
namespace {

using nlohmann::json;

std::vector<Fields> objects_in(const Fields& object, std::string_view name) {
  std::vector<Fields> result;
  for (const json& element : object.array(name)) {
    result.emplace_back(element, fmt::format("{}: '{}'", object.where(), name));
  }
  return result;
}

std::optional<double> number_at(const json& array, std::size_t index) {
  return index < array.size() && array[index].is_number()
             ? std::optional(array[index].get<double>())
             : std::nullopt;
}

std::optional<HdrHistogram> histogram_of(const Fields& spate, const Row& row) {
  const std::optional<std::string> text = spate.text("response_histogram");
  if (!text) {
    return std::nullopt;
  }
  try {
    HdrHistogram histogram = decode_hdr(*text);
    // 2^63 and beyond is no time.
    if (const std::optional<double> max = row.value("response_ns_max");
        max && *max >= 0 && *max < 0x1p63) {
      histogram.set_max(static_cast<std::int64_t>(*max));
    }
    return histogram;
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", spate.where(), error.what()));
  }
}

void read_agents(const Fields& spate, Run& run) {
  for (const Fields& agent : objects_in(spate, "agents")) {
    run.agents.push_back({agent.text("name").value_or("?"), agent.number("success_rate"),
                          agent.number("response_ns_mean"), agent.number("response_ns_p99")});
  }
  run.agents_left_out = static_cast<std::size_t>(spate.count("agents_left_out").value_or(0));
}

// Of its schedule, as it was planned.
std::optional<double> planned_ns(const Row& row) {
  const json& cell = *row.delivery->cell;
  const auto duration = cell.find("duration_ns");
  return cell.at("rate") != 0 && duration != cell.end() && duration->is_number()
             ? std::optional(duration->get<double>())
             : std::nullopt;
}

// By what it sent, in how many messages a second.
std::optional<double> taken_ns(const Row& row) {
  const std::optional<double> seconds = ratio(row.value("messages_per_second"), row.value("sent"));
  return seconds ? std::optional(*seconds * 1e9) : std::nullopt;
}

// Slices of the plan with as many messages each, so that they are about as long as each other.
void read_windows(const Fields& spate, Run& run) {
  const std::vector<Fields> windows = objects_in(spate, "windows");
  const std::optional<double> taken = taken_ns(*run.row);
  const std::optional<double> planned = planned_ns(*run.row);
  const double length = planned.value_or(taken.value_or(0)) / static_cast<double>(windows.size());
  const bool cut_short = run.row->delivery->cut_short;
  for (std::size_t i = 0; i < windows.size() && length > 0; ++i) {
    const double begin = static_cast<double>(i) * length;
    const double end = begin + length;
    if (cut_short && taken && begin >= *taken) {
      break;  // nothing of it was run
    }
    run.slices.push_back({begin, cut_short && taken ? std::min(end, *taken) : end,
                          windows[i].number("response_ns_p50"),
                          windows[i].number("response_ns_p99")});
  }
}

void read_timeline(const Fields& timeline, Run& run) {
  const double length = timeline.number("slice_ns").value_or(0);
  const json& p50 = timeline.array("response_ns_p50");
  const json& p99 = timeline.array("response_ns_p99");
  for (std::size_t i = 0; i < p99.size() && length > 0; ++i) {
    const auto at = static_cast<double>(i);
    run.slices.push_back({at * length, (at + 1) * length, number_at(p50, i), number_at(p99, i)});
  }
}

void read_events(const Fields& spate, Run& run) {
  if (const std::optional<Fields> events = spate.object("chaos_events")) {
    for (const Fields& event : objects_in(*events, "events")) {
      run.events.push_back(
          {event.number("t_ns").value_or(0), event.text("kind").value_or("event")});
    }
    run.events_left_out = static_cast<std::size_t>(events->count("left_out").value_or(0));
  }
}

void read_faults(const Fields& spate, Run& run) {
  if (const std::optional<Fields> faults = spate.object("faults")) {
    for (const Fields& fault : objects_in(*faults, "executed")) {
      run.faults.push_back({fault.text("fault").value_or("?"), fault.number("begun_ns"),
                            fault.number("ended_ns"), fault.number("detected_after_ns"),
                            fault.number("recovered_after_ns")});
    }
  }
}

}  // namespace

Run read_run(const Row& row) {
  const json whole = row.json();
  const Fields fields(whole, row.where());
  const Fields spate = fields.required_object("spate");
  Run run;
  run.row = &row;
  run.response_ns = histogram_of(spate, row);
  read_agents(spate, run);
  if (const std::optional<Fields> timeline = spate.object("timeline")) {
    read_timeline(*timeline, run);
  } else {
    read_windows(spate, run);
  }
  read_events(spate, run);
  read_faults(spate, run);
  for (const json& trouble : spate.array("troubles")) {
    run.troubles.push_back(trouble.is_string() ? trouble.get<std::string>() : trouble.dump());
  }
  return run;
}

}  // namespace spate::compare::html
