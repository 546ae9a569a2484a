#include "trace_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <set>
#include <string_view>
#include <vector>

#include "fault_text.h"

namespace spate::bench {
namespace {

class TraceText {
 public:
  template <class... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    text_ += first_ ? "\n" : ",\n";
    first_ = false;
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
  }
  std::string finish(const RunReport& report) const {
    return fmt::format(
        "{{\"displayTimeUnit\": \"ms\",\n"
        "\"otherData\": {{\"deliveries_left_out\": {}, \"chaos_events_left_out\": {}}},\n"
        "\"traceEvents\": [{}\n]}}\n",
        report.trace_left_out, report.chaos_events_left_out, text_);
  }

 private:
  std::string text_;
  bool first_ = true;
};

// Whole nanoseconds in microseconds.
std::string micros(std::int64_t ns) {
  const auto bits = static_cast<std::uint64_t>(ns);
  const std::uint64_t magnitude = ns < 0 ? 0 - bits : bits;
  return fmt::format("{}{}.{:03}", ns < 0 ? "-" : "", magnitude / 1000, magnitude % 1000);
}

void add_agents(const RunReport& report, TraceText& text) {
  std::set<AgentId> shown;
  for (const TracedDelivery& delivery : report.trace) {
    shown.insert(delivery.sender);
  }
  for (const ChaosEvent& event : report.chaos_events) {
    shown.insert(event.agent);
  }
  if (report.faults) {
    text.add(R"({{"ph": "M", "name": "process_name", "pid": 0, "args": {{"name": "faults"}}}})");
  }
  for (const AgentId agent : shown) {
    text.add(R"({{"ph": "M", "name": "process_name", "pid": {}, "args": {{"name": "{}"}}}})",
             agent + 1, agent_name(agent));
    text.add(R"({{"ph": "M", "name": "process_sort_index", "pid": {0}, "args": )"
             R"({{"sort_index": {0}}}}})",
             agent + 1);
  }
}

// The delivery at `index` in the trace; both ends of its slice have the same id.
std::string slice_of(const RunReport& report, std::size_t index) {
  const TracedDelivery& delivery = report.trace[index];
  return fmt::format(
      R"("cat": "{0}", "name": "{0} {1} to {2}", "id": "{3:#x}", "pid": {4}, "tid": {4})",
      name_of(delivery.type), delivery.sequence, agent_name(delivery.recipient), index + 1,
      delivery.sender + 1);
}

void add_begin(const RunReport& report, std::size_t index, TraceText& text) {
  const TracedDelivery& delivery = report.trace[index];
  text.add(R"({{"ph": "b", {}, "ts": {}, "args": {{"lateness_ns": {}}}}})", slice_of(report, index),
           micros(delivery.intended_ns), delivery.sent_ns - delivery.intended_ns);
}

void add_end(const RunReport& report, std::size_t index, TraceText& text) {
  text.add(R"({{"ph": "e", {}, "ts": {}}})", slice_of(report, index),
           micros(report.trace[index].received_ns));
}

void add_instant(const RunReport& report, std::size_t index, TraceText& text) {
  const ChaosEvent& event = report.chaos_events[index];
  // 0 is no time, but that this kind of event has none.
  const std::string extra =
      event.extra_ns == 0 ? "" : fmt::format(R"(, "extra_ns": {})", event.extra_ns);
  text.add(R"({{"ph": "i", "s": "p", "cat": "chaos", "name": "{0}", "pid": {1}, "tid": {1}, )"
           R"("ts": {2}, "args": {{"sequence": {3}{4}}}}})",
           name_of(event.kind), event.agent + 1, micros(event.t_ns), event.sequence, extra);
}

// A row of their own above the agents: of each its length, or a moment.
void add_fault(const RunReport& report, std::size_t index, TraceText& text) {
  const FaultOutcome& outcome = report.faults->faults[index];
  const ExecutedFault& executed = outcome.executed;
  const std::int64_t end_ns = std::max(executed.ended_ns, executed.begun_ns);
  text.add(R"({{"ph": "X", "cat": "fault", "name": "{}", "pid": 0, "tid": {}, "ts": {}, )"
           R"("dur": {}, "args": {{"fault": "{}", "lost": {}, "recovered": {}, "unknown": {}, )"
           R"("duplicated": {}}}}})",
           name_of(executed.fault.kind), index, micros(executed.begun_ns),
           micros(end_ns - executed.begun_ns), fault_text(executed.fault), outcome.lost,
           outcome.recovered, outcome.unknown, outcome.duplicated);
}

// One entry of the file, to be written when its time has come.
struct Moment {
  std::int64_t t_ns;
  void (*add)(const RunReport& report, std::size_t index, TraceText& text);
  std::size_t index;
};

// By time; what happens at one time stays in order, so that a slice begins before it ends.
std::vector<Moment> moments_of(const RunReport& report) {
  std::vector<Moment> moments;
  moments.reserve(2 * report.trace.size() + report.chaos_events.size());
  for (std::size_t index = 0; index < report.trace.size(); ++index) {
    moments.push_back({report.trace[index].intended_ns, add_begin, index});
    moments.push_back({report.trace[index].received_ns, add_end, index});
  }
  for (std::size_t index = 0; index < report.chaos_events.size(); ++index) {
    moments.push_back({report.chaos_events[index].t_ns, add_instant, index});
  }
  for (std::size_t index = 0; report.faults && index < report.faults->faults.size(); ++index) {
    if (report.faults->faults[index].executed.begun_ns >= 0) {
      moments.push_back({report.faults->faults[index].executed.begun_ns, add_fault, index});
    }
  }
  std::stable_sort(moments.begin(), moments.end(),
                   [](const Moment& a, const Moment& b) { return a.t_ns < b.t_ns; });
  return moments;
}

}  // namespace

std::string trace_json(const RunReport& report) {
  TraceText text;
  add_agents(report, text);
  for (const Moment& moment : moments_of(report)) {
    moment.add(report, moment.index, text);
  }
  return text.finish(report);
}

}  // namespace spate::bench
