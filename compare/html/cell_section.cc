#include "compare/html/cell_section.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "compare/html/markup.h"
#include "compare/html/verdicts.h"
#include "compare/humane.h"

namespace spate::compare::html {
namespace {

struct Counted {
  std::string_view title;
  std::string_view counter;
  Unit unit = Unit::plain;
  bool always = false;  // shown also where it is 0 on every side
};

constexpr std::array kCounted{
    Counted{"messages sent", "sent", Unit::plain, true},
    Counted{"deliveries expected", "expected", Unit::plain, true},
    Counted{"delivered", "delivered", Unit::plain, true},
    Counted{"failed", "failed"},
    Counted{"crashed", "crashed"},
    Counted{"rejected", "rejected"},
    Counted{"unknown", "unknown"},
    Counted{"lost", "lost", Unit::plain, true},
    Counted{"duplicated", "duplicated", Unit::plain, true},
    Counted{"anomalies", "anomalies"},
    Counted{"aliens", "aliens"},
    Counted{"corrupted", "corrupted"},
    Counted{"misreported", "misreported"},
    Counted{"recovered", "recovered"},
    Counted{"reordered", "reordered"},
    Counted{"spiked", "spiked"},
    Counted{"shed", "shed"},
    Counted{"success", "success_rate", Unit::share, true},
    Counted{"asked for", "rate_asked", Unit::per_second},
    Counted{"achieved", "messages_per_second", Unit::per_second, true},
    Counted{"CPU time a message", kCpuTime, Unit::nanoseconds},
    Counted{"mean response", "response_ns_mean", Unit::nanoseconds, true},
    Counted{"p50 response", kResponseP50, Unit::nanoseconds, true},
    Counted{"p99 response", "response_ns_p99", Unit::nanoseconds, true},
    Counted{"slowest response", "response_ns_max", Unit::nanoseconds, true},
    Counted{"p99 of how late it was sent", "send_lateness_ns_p99", Unit::nanoseconds},
};

// Counts as they are; halves are medians of an even number of runs.
std::string counted_text(const Counted& counted, std::optional<double> value) {
  return counted.unit != Unit::plain ? humane(counted.unit, value)
         : value                     ? fmt::format("{:.13g}", *value)
                                     : "-";
}

Table account_table(const ShownCell& cell) {
  Table table{"What came of it", {""}, {}, 0};
  for (const Side& side : cell.sides) {
    table.head.push_back(side.name.empty() ? "run" : side.name);
    if (side.runs.size() > 1) {
      table.head.back() += fmt::format(" (median of {})", plural(side.runs.size(), "run"));
    }
  }
  for (const Counted& counted : kCounted) {
    std::vector<std::string> row{std::string(counted.title)};
    bool any = counted.always;
    for (const Side& side : cell.sides) {
      const std::optional<double> value = median_of(side, counted.counter);
      any = any || value.value_or(0) != 0;
      row.push_back(counted_text(counted, value));
    }
    if (any) {
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

Table definition_table(const ShownCell& cell) {
  Table table{"How this cell is defined", {"", "value"}, {}, 1};
  const nlohmann::json flat = cell.definition->flatten();
  for (const auto& [path, value] : flat.items()) {
    table.rows.push_back({dotted(path), unquoted(value)});
  }
  return table;
}

// "success 94.01%, p50 5.730ms, p99 407.0ms", of the last side, which is the one to look at.
std::string in_short(const ShownCell& cell) {
  const Side* last = nullptr;
  for (const Side& side : cell.sides) {
    last = side.runs.empty() ? last : &side;
  }
  return last == nullptr ? "no run to show"
                         : fmt::format("success {}, p50 {}, p99 {}",
                                       humane(Unit::share, median_of(*last, "success_rate")),
                                       humane(Unit::nanoseconds, median_of(*last, kResponseP50)),
                                       humane(Unit::nanoseconds, median_of(*last, kResponseP99)));
}

// Of the one side that there is.
void add_key_numbers(const ShownCell& cell, Page& page) {
  if (cell.sides.size() != 1 || cell.sides.front().runs.empty()) {
    return;
  }
  const auto text = [&](Unit unit, std::string_view counter) {
    const std::optional<double> value = median_of(cell.sides.front(), counter);
    return counted_text({"", counter, unit, true}, value);
  };
  std::vector<std::pair<std::string, std::string>> numbers{
      {"messages", text(Unit::plain, "sent")},
      {"a second", text(Unit::per_second, "messages_per_second")},
      {"success", text(Unit::share, "success_rate")},
      {"p50 response", text(Unit::nanoseconds, kResponseP50)},
      {"p99 response", text(Unit::nanoseconds, kResponseP99)},
      {"slowest", text(Unit::nanoseconds, "response_ns_max")},
      {"lost", text(Unit::plain, "lost")},
      {"duplicated", text(Unit::plain, "duplicated")}};
  if (median_of(cell.sides.front(), "unknown").value_or(0) > 0) {
    numbers.emplace_back("unknown", text(Unit::plain, "unknown"));
  }
  page.add_key_numbers(numbers);
}

// A broken connection may be told by every worker of every run.
constexpr std::size_t kMaxTroubles = 10;

void add_troubles(const ShownCell& cell, Page& page) {
  std::size_t told = 0;
  for (const Side& side : cell.sides) {
    for (const Run& run : side.runs) {
      for (const std::string& trouble : run.troubles) {
        if (++told <= kMaxTroubles) {
          page.add_note(side.name.empty() ? trouble : fmt::format("{}: {}", side.name, trouble));
        }
      }
    }
  }
  if (told > kMaxTroubles) {
    page.add_note(fmt::format("and {} more of such lines", told - kMaxTroubles));
  }
}

}  // namespace

void add_cell(const ShownCell& cell, bool open, Page& page) {
  page.begin_fold(spoken_name(cell.name), in_short(cell), open);
  add_key_numbers(cell, page);
  add_troubles(cell, page);
  if (cell.result != nullptr) {
    if (const Table verdicts = verdict_table(*cell.result); !verdicts.rows.empty()) {
      page.add_table(verdicts);
    }
  }
  page.begin_figures();
  page.add_figure(percentile_figure(cell.sides));
  page.add_figure(timeline_figure(cell.sides));
  page.add_figure(agent_figure(cell.sides));
  page.add_figure(agent_success_figure(cell.sides));
  page.end_figures();
  page.add_table(account_table(cell));
  page.begin_fold("How this cell is defined", cell.name, false);
  page.add_table(definition_table(cell));
  page.end_fold();
  page.end_fold();
}

}  // namespace spate::compare::html
