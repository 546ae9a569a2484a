#include "stress_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <string_view>
#include <vector>

#include "compare/terminal/columns.h"
#include "compare/terminal/table.h"
#include "display.h"
#include "faults_report.h"
#include "units.h"

namespace spate::bench {
namespace {

// More would scroll everything else away.
constexpr std::size_t kMaxAgentLines = 50;

template <class... Args>
void print(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
}

std::string in_lines(std::string_view text, std::size_t hanging) {
  return compare::wrapped(text, compare::kUsualColumns, hanging);
}

// A line of a table without columns: what it is of, and what there is to say.
void print_fact(std::string& out, std::string_view what, const std::string& text) {
  constexpr std::size_t kHanging = 14;
  print(out, "{}\n", in_lines(fmt::format("  {:<12}{}", what, text), kHanging));
}

std::uint64_t count(const Json& object, const char* key) {
  return object.at(key).get<std::uint64_t>();
}

// "-" where there is none.
std::string time_of(const Json& object, const std::string& key) {
  const Json& value = object.at(key);
  return value.is_number() ? show_ns(value.get<double>()) : "-";
}

std::string percent(double share) { return fmt::format("{:.2f}%", 100 * share); }

std::string rate_text(double rate) {
  return fmt::format("{}/s", show_whole(static_cast<std::uint64_t>(std::llround(rate))));
}

bool has_mock_draws(const Json& spate) { return spate.at("mock_digest") != "0000000000000000"; }

void print_title(const Json& row, const Palette& palette, std::string& out) {
  const Json& cell = row.at("spate").at("cell");
  const std::uint64_t rate = count(cell, "rate");
  const std::string title = fmt::format(
      "{}, chaos {}, {} agents, {}", cell.at("mode").get<std::string>(),
      cell.at("chaos").at("profile").get<std::string>(), show_whole(count(cell, "agents")),
      rate == 0 ? fmt::format("a closed loop with {} in flight an agent", count(cell, "window"))
                : fmt::format("{} messages/s{} for {}", show_whole(rate),
                              cell.contains("arrivals") ? " (poisson)" : "",
                              show_ns(cell.at("duration_ns").get<double>())));
  print(out, "{}\n", palette.heading(in_lines(title, 4)));
  if (const std::string text = too_short_text(row); !text.empty()) {
    print(out, "{}\n", palette.warning(text));
  }
}

// Nothing where the mock is as it is by default, or not the delivery.
void print_mock(const Json& spate, const std::string& latency_file, std::string& out) {
  const Json& mock = spate.at("cell").at("mock");
  const MockSettings usual;
  const std::string latency =
      mock.contains("latency")
          ? mock.at("latency").get<std::string>()
          : LatencyModel::uniform(mock.at("latency_min_ns").get<std::int64_t>(),
                                  mock.at("latency_max_ns").get<std::int64_t>())
                .text();
  const bool slow = mock.contains("slow_agents");
  const bool station = mock.contains("servers") || mock.contains("fifo");
  if (!has_mock_draws(spate) || (latency == usual.latency.text() && !slow && !station)) {
    return;
  }
  std::string line = fmt::format("mock latency {}", latency);
  if (!latency_file.empty()) {
    print(line, " ({})", latency_file);
  }
  if (slow) {
    print(line, ", {} times as long to the first {} agents", mock.at("slow_factor").get<double>(),
          show_whole(count(mock, "slow_agents")));
  }
  if (mock.contains("servers")) {
    print(line, ", {} served at a time", show_whole(count(mock, "servers")));
  }
  line += mock.contains("fifo") ? ", inboxes in order" : "";
  print(out, "{}\n", in_lines(line, 4));
}

// Of the mock's station: how much of its capacity is asked for.
void print_load(const Json& row, const Palette& palette, std::string& out) {
  if (!row.contains("offered_load")) {
    return;
  }
  const auto load = row.at("offered_load").get<double>();
  print_fact(out, "load", fmt::format("{} of what the mock's servers can serve", percent(load)));
  if (load >= 1) {
    print(out, "{}\n",
          palette.warning(in_lines("  They never catch up: the queue before them grows as long as "
                                   "the run lasts, until --in-flight-limit sheds the rest.",
                                   2)));
  }
}

void print_totals(const Json& row, const Palette& palette, std::string& out) {
  print(out, "\n{}\n  {:<12}{:>15}\n  {:<12}{:>15}\n", palette.heading("Totals"), "messages",
        show_whole(count(row, "sent")), "expected", show_whole(count(row, "expected")));
  for (const char* const key : {"delivered", "failed", "crashed", "rejected", "unknown", "lost"}) {
    const std::uint64_t number = count(row, key);
    const std::string line = fmt::format(
        "    {:<10}{:>15}{:>10}", key, show_whole(number),
        percent(static_cast<double>(number) /
                static_cast<double>(std::max<std::uint64_t>(count(row, "expected"), 1))));
    print(out, "{}\n", number > 0 && key == std::string_view("lost") ? palette.bad(line) : line);
  }
  std::string besides;
  for (const char* const key : {"recovered", "duplicated", "reordered", "aliens", "anomalies",
                                "corrupted", "misreported", "shed"}) {
    if (count(row, key) > 0) {
      besides +=
          fmt::format("{}{} {}", besides.empty() ? "" : ", ", key, show_whole(count(row, key)));
    }
  }
  print_fact(out, "besides", besides.empty() ? "nothing" : besides);
}

void print_latencies(const Json& row, const Palette& palette, std::string& out) {
  constexpr std::array<std::string_view, 6> kStatistics{"mean", "p50", "p90", "p99", "p999", "max"};
  std::string title = fmt::format("{:<12}", "Latency");
  for (const std::string_view statistic : kStatistics) {
    print(title, "{:>10}", statistic == "p999" ? "p99.9" : statistic);
  }
  print(out, "\n{}\n", palette.heading(title));
  for (const char* const latency : {"response", "service"}) {
    print(out, "  {:<10}", latency);
    for (const std::string_view statistic : kStatistics) {
      print(out, "{:>10}", time_of(row, fmt::format("{}_ns_{}", latency, statistic)));
    }
    out += '\n';
  }
}

void add_group(const Json& group, compare::Table& table) {
  const std::int64_t last_ns = group.at("last_activity_ns").get<std::int64_t>();
  table.add({fmt::format("  {}", group.at("name").get<std::string>()),
             show_whole(count(group, "sent")), show_whole(count(group, "expected")),
             show_whole(count(group, "delivered")),
             count(group, "expected") == 0 ? "-" : percent(group.at("success_rate").get<double>()),
             time_of(group, "response_ns_mean"), time_of(group, "response_ns_p99"),
             last_ns < 0 ? "-" : fmt::format("{:.3f} s", static_cast<double>(last_ns) / 1e9)});
}

void print_groups(const char* what, const Json& groups, std::uint64_t all, const Palette& palette,
                  std::string& out) {
  compare::Table table({{what, true},
                        {"messages"},
                        {"expected"},
                        {"delivered"},
                        {"success"},
                        {"mean"},
                        {"p99"},
                        {"last at"}});
  for (std::size_t at = 0; at < std::min(groups.size(), kMaxAgentLines); ++at) {
    add_group(groups[at], table);
  }
  std::vector<std::string> lines = table.lines();
  lines.front() = fmt::format("\n{}", palette.heading(lines.front()));
  out += fmt::format("{}\n", fmt::join(lines, "\n"));
  if (groups.size() > kMaxAgentLines) {
    print(out, "  … and {} more; --output FILE keeps {} agents at the most\n",
          show_whole(all - kMaxAgentLines), show_whole(kMaxAgentRows));
  }
}

// What not every profile has.
void print_more_chaos(const Json& row, const Json& chaos, std::string& out) {
  const auto share = [&](const char* key) { return chaos.at(key).get<double>(); };
  if (chaos.contains("burst_enter")) {
    const double enter = share("burst_enter");
    const double leave = share("burst_leave");
    print_fact(
        out, "in bursts",
        fmt::format("{} failed (asked for: bursts of {:.1f} messages, {} of the time, in which "
                    "{} fail)",
                    show_whole(count(row, "burst_failures")), 1 / leave,
                    percent(enter / (enter + leave)), percent(share("burst_fail"))));
  }
  if (chaos.contains("reorder_rate")) {
    print_fact(out, "held back",
               fmt::format("{} (asked for: {}, each by up to {})",
                           show_whole(count(row, "reorders_injected")),
                           percent(share("reorder_rate")), time_of(chaos, "reorder_max_ns")));
  }
  if (chaos.contains("duplicate_rate")) {
    print_fact(out, "sent twice",
               fmt::format("{} (asked for: {})", show_whole(count(row, "duplicates_injected")),
                           percent(share("duplicate_rate"))));
  }
  if (chaos.contains("drop_ack_rate")) {
    print_fact(out, "acks lost",
               fmt::format("{} (asked for: {})", show_whole(count(row, "acks_dropped")),
                           percent(share("drop_ack_rate"))));
  }
}

void print_chaos(const Json& row, const Palette& palette, std::string& out) {
  const Json& chaos = row.at("spate").at("cell").at("chaos");
  print(out, "\n{}\n", palette.heading("Chaos"));
  if (chaos.at("profile") == "off") {
    out += "  off\n";
    return;
  }
  const bool downtime = chaos.at("downtime_ns").get<std::int64_t>() > 0;
  print_fact(out, "crashed",
             fmt::format("{} (asked for: {}{})", show_whole(count(row, "crashed")),
                         percent(chaos.at("crash_rate").get<double>()),
                         downtime ? ", and all attempts for " + time_of(chaos, "downtime_ns") +
                                        " after each"
                                  : ""));
  print_fact(
      out, "delayed",
      fmt::format("{} (asked for: {}, each by up to {})", show_whole(count(row, "spiked")),
                  percent(chaos.at("spike_rate").get<double>()), time_of(chaos, "spike_max_ns")));
  print_more_chaos(row, chaos, out);
}

void print_audit(const Json& row, const Palette& palette, std::string& out) {
  const auto asked = row.at("rate_asked").get<double>();
  print(out, "\n{}\n", palette.heading("Generator"));
  print_fact(out, "rate",
             fmt::format("asked {}, achieved {}", asked > 0 ? rate_text(asked) : "max",
                         rate_text(row.at("rate_achieved").get<double>())));
  print_fact(
      out, "lateness",
      fmt::format("p50 {}, p99 {}, max {}", time_of(row, "send_lateness_ns_p50"),
                  time_of(row, "send_lateness_ns_p99"), time_of(row, "send_lateness_ns_max")));
  print_load(row, palette, out);
  if (count(row, "saturated") > 0) {
    print(out, "{}\n",
          palette.warning(
              "  saturated: the rate was not kept; see 'Troubleshooting' in bench/README.md"));
  }
}

void print_repeat(const Json& spate, const std::string& repeat, const Palette& palette,
                  std::string& out) {
  const std::string digest = spate.at("digest").get<std::string>();
  const std::string mock_draws =
      has_mock_draws(spate)
          ? fmt::format(", mock's own draws {}", spate.at("mock_digest").get<std::string>())
          : "";
  print(out, "\n{} {}{}\n{} {}\n", palette.heading("Digest"), digest, mock_draws,
        palette.heading("Repeat"), repeat);
}

}  // namespace

std::string stress_report(const Json& row, const std::string& repeat,
                          const std::string& latency_file, const Palette& palette) {
  const Json& spate = row.at("spate");
  std::string out;
  print_title(row, palette, out);
  print_mock(spate, latency_file, out);
  print_totals(row, palette, out);
  print_latencies(row, palette, out);
  print_groups("Agents", spate.at("agents"),
               spate.at("agents").size() + count(spate, "agents_left_out"), palette, out);
  print_groups("Types", spate.at("types"), spate.at("types").size(), palette, out);
  print_chaos(row, palette, out);
  out += faults_report(spate, palette);
  print_audit(row, palette, out);
  if (!repeat.empty()) {
    print_repeat(spate, repeat, palette, out);
  }
  return out;
}

std::string context_warnings(const Json& context, const Palette& palette) {
  constexpr double kQuietPercent = 90;
  std::string out;
  const std::string build_type = context.at("build_type").get<std::string>();
  if (build_type != "Release") {
    print(out, "{}\n",
          palette.warning(in_lines(
              fmt::format("This is a {} build: its times and rates say little. Use the release "
                          "preset.",
                          build_type.empty() ? "nameless" : build_type),
              0)));
  }
  const Json& idle = context.at("host_idle_percent");
  if (idle.is_number() && idle.get<double>() >= 0 && idle.get<double>() < kQuietPercent) {
    print(out, "{}\n",
          palette.warning(in_lines(fmt::format("This machine was only {:.0f}% idle before: "
                                               "high quantiles may be its other work's.",
                                               idle.get<double>()),
                                   0)));
  }
  return out;
}

}  // namespace spate::bench
