#include "live_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "units.h"

namespace spate::bench {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

// What was recorded between two looks.
LatencyRecorder between(const LatencyRecorder& earlier, const LatencyRecorder& later) {
  std::array<std::uint64_t, LatencyRecorder::kBuckets> counts;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    counts[i] = later.counts()[i] - earlier.counts()[i];
  }
  return LatencyRecorder::from_counts(counts);
}

// Of workers' numbers that are of different moments.
std::uint64_t not_below_zero(std::uint64_t all, std::uint64_t part) {
  return all > part ? all - part : 0;
}

std::string seconds(std::int64_t ns) {
  return fmt::format("{:.1f} s", static_cast<double>(ns) / kSecond);
}

std::string time_of(std::optional<std::int64_t> ns) {
  return ns ? show_ns(static_cast<double>(*ns)) : "-";
}

}  // namespace

LiveFigures LiveHistory::add(const LiveReport& report) {
  const LiveCounts& counts = report.counts;
  const std::uint64_t ended = counts.delivered + counts.refused;
  LiveFigures figures;
  figures.elapsed_ns = std::max<std::int64_t>(report.elapsed_ns, 0);
  figures.sent = counts.sent;
  figures.in_flight = not_below_zero(counts.expected, ended);
  figures.chaos_events = counts.crashed + counts.spiked + counts.other_faults;
  figures.all_sent = counts.sent >= plan_.messages;
  if (ended > 0) {
    figures.success_rate = static_cast<double>(counts.delivered) / static_cast<double>(ended);
  }

  looks_.push_back({figures.elapsed_ns, counts.sent, report.response});
  // The newest look that is a second old stays, so that a whole second is looked back on.
  while (looks_.size() > 2 && looks_[1].elapsed_ns + kSecond <= figures.elapsed_ns) {
    looks_.pop_front();
  }
  const Look& then = looks_.front();
  const bool first = looks_.size() == 1;  // the time since the start stands for the last second
  const std::int64_t span_ns = figures.elapsed_ns - (first ? 0 : then.elapsed_ns);
  if (span_ns > 0) {
    figures.rate = static_cast<double>(not_below_zero(counts.sent, first ? 0 : then.sent)) *
                   kSecond / static_cast<double>(span_ns);
  }
  const LatencyRecorder recent = first ? report.response : between(then.response, report.response);
  if (recent.count() > 0) {
    figures.response_p50_ns = recent.quantile(0.5);
    figures.response_p99_ns = recent.quantile(0.99);
  }
  figures.left_ns = left_ns(figures);
  return figures;
}

std::optional<std::int64_t> LiveHistory::left_ns(const LiveFigures& figures) const {
  if (plan_.rate > 0) {
    return plan_.duration_ns() - figures.elapsed_ns;
  }
  if (figures.rate <= 0.0) {
    return std::nullopt;
  }
  const std::uint64_t unsent = not_below_zero(plan_.messages, figures.sent);
  return static_cast<std::int64_t>(static_cast<double>(unsent) / figures.rate * kSecond);
}

std::string live_line(const LiveFigures& figures, std::size_t columns) {
  // The most telling ones first: what does not fit is left out.
  std::string time = seconds(figures.elapsed_ns);
  if (figures.all_sent) {
    time += " (draining)";
  } else if (figures.left_ns) {
    time += *figures.left_ns > 0 ? fmt::format(" ({} left)", seconds(*figures.left_ns))
                                 : std::string(" (overrun)");
  }
  const std::string success =
      figures.success_rate ? fmt::format("{:.1f}%", 100 * *figures.success_rate) : "-";
  const std::array<std::string, 8> pieces{
      time,
      fmt::format("{}/s", show_count(figures.rate)),
      fmt::format("success {}", success),
      fmt::format("p50 {}", time_of(figures.response_p50_ns)),
      fmt::format("p99 {}", time_of(figures.response_p99_ns)),
      fmt::format("in flight {}", show_count(static_cast<double>(figures.in_flight))),
      fmt::format("chaos {}", show_count(static_cast<double>(figures.chaos_events))),
      fmt::format("sent {}", show_count(static_cast<double>(figures.sent)))};
  std::string line;
  for (const std::string& piece : pieces) {
    const std::string next = line.empty() ? piece : "  " + piece;
    if (line.size() + next.size() > columns) {
      break;
    }
    line += next;
  }
  return line;
}

std::string event_line(const ChaosEvent& event) {
  const std::string extra = show_ns(static_cast<double>(event.extra_ns));
  std::string line =
      fmt::format("{:9.3f} s  {:<9} message {}: ", static_cast<double>(event.t_ns) / kSecond,
                  agent_name(event.agent), event.sequence);
  switch (event.kind) {
    case ChaosEvent::Kind::crash:
      return line + (event.extra_ns > 0 ? fmt::format("crash, down for {}", extra) : "crash");
    case ChaosEvent::Kind::spike:
      return line + fmt::format("spike of {}", extra);
    case ChaosEvent::Kind::burst:
      return line + "a burst of failures begins";
    case ChaosEvent::Kind::reorder:
      return line + fmt::format("held back for {}, to be overtaken", extra);
    case ChaosEvent::Kind::duplicate:
      return line + "sent twice";
    case ChaosEvent::Kind::dropped_ack:
      return line + "its ack is dropped";
  }
  return line;
}

}  // namespace spate::bench
