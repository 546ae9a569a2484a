#include "compare/html/run_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "compare/humane.h"
#include "compare/metrics.h"

namespace spate::compare::html {
namespace {

// 1 / (1 - p): the minimum, p50, p80, p90, … to p99.999.
constexpr std::array<double, 16> kNines{1,   2,    5,    10,   20,    50,    100,   200,
                                        500, 1000, 2000, 5000, 10000, 20000, 50000, 100000};
constexpr double kMinutest = 40;  // slices of a run in which chaos events are counted

std::string named(const Side& side, std::string_view what) {
  return side.name.empty() ? std::string(what) : fmt::format("{} {}", side.name, what);
}

double most_counted(const Side& side) {
  std::uint64_t most = 0;
  for (const Run& run : side.runs) {
    most = std::max(most, run.response_ns ? run.response_ns->count() : 0);
  }
  return static_cast<double>(most);
}

std::optional<double> median_quantile(const Side& side, double q) {
  std::vector<double> values;
  for (const Run& run : side.runs) {
    if (const auto ns = run.response_ns ? run.response_ns->quantile(q) : std::nullopt) {
      values.push_back(static_cast<double>(*ns));
    }
  }
  return median(std::move(values));
}

// What rows keep of times whose histogram they don't, up to the last place of the responses.
Line service_line(const Side& side, double last) {
  Line line{named(side, "service"), 0, 1, true, {}};
  constexpr std::array<std::pair<double, std::string_view>, 4> kKept{{{2, "service_ns_p50"},
                                                                      {10, "service_ns_p90"},
                                                                      {100, "service_ns_p99"},
                                                                      {1000, "service_ns_p999"}}};
  for (const auto& [nines, counter] : kKept) {
    if (nines < last) {
      line.points.push_back({nines, median_of(side, counter), std::nullopt});
    }
  }
  if (last < kNines.back()) {  // there the maximum stands
    line.points.push_back({last, median_of(side, "service_ns_max"), std::nullopt});
  }
  return line;
}

// So many neighbours as one: the worst p99 of them, and the median of their p50.
std::vector<Slice> thinned(const std::vector<Slice>& slices) {
  const std::size_t together = (slices.size() + kMaxSlices - 1) / kMaxSlices;
  std::vector<Slice> result;
  for (std::size_t begin = 0; begin < slices.size(); begin += together) {
    const std::size_t end = std::min(begin + together, slices.size());
    Slice whole{slices[begin].begin_ns, slices[end - 1].end_ns, std::nullopt, std::nullopt};
    std::vector<double> middles;
    for (std::size_t i = begin; i < end; ++i) {
      if (slices[i].p50_ns) {
        middles.push_back(*slices[i].p50_ns);
      }
      whole.p99_ns = std::max(whole.p99_ns, slices[i].p99_ns);  // none is less than any
    }
    whole.p50_ns = median(std::move(middles));
    result.push_back(whole);
  }
  return result;
}

// `at`: which of the sides it is. Two sides have a hue each, else p50 and p99 have.
void add_slices(const Side& side, std::size_t at, bool alone, Figure& figure) {
  Line p50{named(side, "p50"), at, 2 * at, false, {}};
  Line p99{named(side, "p99"), alone ? 1 : at, 2 * at + 1, true, {}};
  for (const Slice& slice : thinned(side.runs.front().slices)) {
    const double middle = (slice.begin_ns + slice.end_ns) / 2;
    p50.points.push_back({middle, slice.p50_ns, std::nullopt});
    p99.points.push_back({middle, slice.p99_ns, std::nullopt});
  }
  figure.lines.push_back(std::move(p50));
  figure.lines.push_back(std::move(p99));
}

std::string counted(const std::map<std::string, std::size_t>& kinds) {
  std::string text;
  for (const auto& [kind, count] : kinds) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, kind);
  }
  return text;
}

void add_events(const Side& side, std::size_t row, Figure& figure) {
  const Run& run = side.runs.front();
  std::map<std::size_t, std::map<std::string, std::size_t>> bins;
  const double width = run.slices.back().end_ns / kMinutest;
  for (const Event& event : run.events) {
    if (event.t_ns >= 0 && width > 0) {
      const double bin = std::min(std::floor(event.t_ns / width), kMinutest - 1);
      ++bins[static_cast<std::size_t>(bin)][event.kind];
    }
  }
  for (const auto& [bin, kinds] : bins) {
    std::size_t count = 0;
    for (const auto& [kind, of_kind] : kinds) {
      count += of_kind;
    }
    const auto at = static_cast<double>(bin);
    figure.marks.push_back(
        {at * width, (at + 1) * width, counted(kinds), count, false, side.name, row});
  }
}

std::string fault_text(const RealFault& fault) {
  std::string text = fault.what;
  if (fault.detected_after_ns) {
    text += fmt::format(", noticed after {}", humane(Unit::nanoseconds, fault.detected_after_ns));
  }
  return text +
         (fault.recovered_after_ns
              ? fmt::format(", over after {}", humane(Unit::nanoseconds, fault.recovered_after_ns))
              : ", not over");
}

void add_faults(const Side& side, std::size_t row, Figure& figure) {
  for (const RealFault& fault : side.runs.front().faults) {
    if (fault.begun_ns) {
      const double end = std::max(fault.ended_ns.value_or(*fault.begun_ns), *fault.begun_ns);
      figure.marks.push_back({*fault.begun_ns, end, fault_text(fault), 1, true, side.name, row});
    }
  }
}

bool has_slices(const Side& side) {
  return !side.runs.empty() && !side.runs.front().slices.empty();
}

std::string of(const Side& side) {
  return side.name.empty() ? "" : fmt::format(" of {}", side.name);
}

std::string slices_hint(std::span<const Side* const> sides) {
  std::string text;
  for (const Side* const side : sides) {
    const std::vector<Slice> drawn = thinned(side->runs.front().slices);
    text +=
        fmt::format("{} {} of the {}{}", text.empty() ? "Over" : ",", plural(drawn.size(), "slice"),
                    side->runs.size() > 1 ? "first run" : "run", of(*side));
  }
  return text.empty() ? text : text + ".";
}

std::string events_hint(std::span<const Side* const> sides) {
  std::vector<std::string> names;
  std::string left_out;
  for (const Side* const side : sides) {
    const Run& run = side->runs.front();
    if (run.events.empty()) {
      continue;
    }
    names.push_back(side->name);
    if (run.events_left_out > 0) {
      left_out += fmt::format(",{} the latest {} ({} earlier ones are in no file)", of(*side),
                              run.events.size(), run.events_left_out);
    }
  }
  if (names.empty()) {
    return "";
  }
  const std::string whose =
      names.size() > 1   ? fmt::format("; those of {} are above those of {}", names[1], names[0])
      : names[0].empty() ? ""
                         : fmt::format("; all are of {}", names[0]);
  return fmt::format(" The ticks at the bottom are chaos events{}, the darker the more of them{}.",
                     left_out, whose);
}

std::string faults_hint(std::span<const Side* const> sides) {
  std::string names;
  bool any = false;
  for (const Side* const side : sides) {
    if (!side->runs.front().faults.empty()) {
      names += any ? fmt::format(" and{}", of(*side)) : of(*side);
      any = true;
    }
  }
  return any ? fmt::format(" The bands are real faults{}.", names) : "";
}

// The runs of a side by agents.
struct AgentMedians {
  std::vector<double> p99_ns;
  std::vector<double> mean_ns;
  std::vector<double> success;
};

std::map<std::string, AgentMedians> by_agent(const Side& side) {
  std::map<std::string, AgentMedians> result;
  const auto note = [](std::vector<double>& values, std::optional<double> value) {
    if (value) {
      values.push_back(*value);
    }
  };
  for (const Run& run : side.runs) {
    for (const AgentValues& agent : run.agents) {
      AgentMedians& medians = result[agent.name];
      note(medians.p99_ns, agent.response_ns_p99);
      note(medians.mean_ns, agent.response_ns_mean);
      note(medians.success, agent.success_rate);
    }
  }
  return result;
}

// The names of those that the chart shows, by the slower p99 of either side: the slowest first.
struct Agents {
  std::vector<std::string> shown;
  std::size_t left_out = 0;
};

Agents slowest(std::span<const Side> sides) {
  std::map<std::string, double> slowness;
  Agents result;
  for (const Side& side : sides) {
    for (const auto& [name, medians] : by_agent(side)) {
      double& known = slowness[name];
      known = std::max(known, median(medians.p99_ns).value_or(0));
    }
    for (const Run& run : side.runs) {
      result.left_out = std::max(result.left_out, run.agents_left_out);
    }
  }
  for (const auto& [name, p99] : slowness) {
    result.shown.push_back(name);
  }
  std::stable_sort(
      result.shown.begin(), result.shown.end(),
      [&](const std::string& a, const std::string& b) { return slowness.at(a) > slowness.at(b); });
  if (result.shown.size() > kMaxAgents) {
    result.left_out += result.shown.size() - kMaxAgents;
    result.shown.resize(kMaxAgents);
  }
  return result;
}

Line agent_line(const Side& side, const Agents& agents, std::vector<double> AgentMedians::*values) {
  Line line;
  const std::map<std::string, AgentMedians> all = by_agent(side);
  for (std::size_t i = 0; i < agents.shown.size(); ++i) {
    const auto found = all.find(agents.shown[i]);
    line.points.push_back({static_cast<double>(i),
                           found == all.end() ? std::nullopt : median(found->second.*values),
                           std::nullopt});
  }
  return line;
}

std::string agent_hint(const Agents& agents) {
  return agents.left_out == 0
             ? "The slowest first."
             : fmt::format(
                   "The {} with the slowest p99 among those that the file lists; {} more "
                   "are left out.",
                   agents.shown.size(), agents.left_out);
}

}  // namespace

std::optional<double> median_of(const Side& side, std::string_view counter) {
  std::vector<double> values;
  for (const Run& run : side.runs) {
    if (const std::optional<double> value = run.row->value(counter)) {
      values.push_back(*value);
    }
  }
  return median(std::move(values));
}

Line response_line(const Side& side, std::string name) {
  Line line{std::move(name), 0, 0, false, {}};
  const double count = most_counted(side);
  for (const double nines : kNines) {
    if (count == 0) {
      break;
    }
    line.points.push_back({nines, median_quantile(side, 1 - 1 / nines), std::nullopt});
    if (nines > count) {
      break;  // of so few that is their maximum already
    }
  }
  return line;
}

Figure percentile_figure(std::span<const Side> sides) {
  Figure figure;
  figure.kind = FigureKind::percentiles;
  figure.title = "Latency by percentile";
  figure.hint =
      "Response times count from when a message was due, service times from when it was sent. Each "
      "nine of the percentile takes as much room as the one before.";
  for (std::size_t i = 0; i < sides.size(); ++i) {
    Line response = response_line(sides[i], named(sides[i], "response"));
    if (response.points.empty()) {
      continue;
    }
    Line service = service_line(sides[i], response.points.back().x);
    response.hue = service.hue = i;
    response.shape = 2 * i;
    service.shape = 2 * i + 1;
    figure.lines.push_back(std::move(response));
    figure.lines.push_back(std::move(service));
  }
  return figure;
}

Figure timeline_figure(std::span<const Side> sides) {
  Figure figure;
  figure.kind = FigureKind::timeline;
  figure.title = "Response time over the run";
  std::vector<const Side*> drawn;
  for (std::size_t i = 0; i < sides.size(); ++i) {
    if (has_slices(sides[i])) {
      add_slices(sides[i], i, sides.size() == 1, figure);
      add_events(sides[i], i, figure);
      add_faults(sides[i], i, figure);
      drawn.push_back(&sides[i]);
    }
  }
  figure.hint = slices_hint(drawn) + events_hint(drawn) + faults_hint(drawn);
  return figure;
}

Figure agent_figure(std::span<const Side> sides) {
  const Agents agents = slowest(sides);
  Figure figure;
  figure.kind = FigureKind::bars;
  figure.title = "Response time by agent";
  figure.labels = agents.shown;
  figure.hint = agent_hint(agents);
  for (std::size_t i = 0; i < sides.size(); ++i) {
    Line p99 = agent_line(sides[i], agents, &AgentMedians::p99_ns);
    Line mean = agent_line(sides[i], agents, &AgentMedians::mean_ns);
    p99.name = named(sides[i], "p99");
    mean.name = named(sides[i], "mean");
    p99.hue = i;
    mean.hue = sides.size() == 1 ? 1 : i;
    mean.dashed = true;
    figure.lines.push_back(std::move(p99));
    figure.lines.push_back(std::move(mean));
  }
  return figure;
}

Figure agent_success_figure(std::span<const Side> sides) {
  const Agents agents = slowest(sides);
  Figure figure;
  figure.kind = FigureKind::bars;
  figure.quantity = Quantity::share;
  figure.title = "Success by agent";
  figure.labels = agents.shown;
  figure.hint = "What share of the deliveries that were expected of it arrived. In the same order.";
  for (std::size_t i = 0; i < sides.size(); ++i) {
    Line line = agent_line(sides[i], agents, &AgentMedians::success);
    line.name = named(sides[i], "success");
    line.hue = i;
    line.dashed = sides.size() == 2 && i == 0;
    figure.lines.push_back(std::move(line));
  }
  return figure;
}

}  // namespace spate::compare::html
