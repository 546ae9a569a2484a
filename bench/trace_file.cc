#include "trace_file.h"

#include <fmt/format.h>

#include <iterator>
#include <set>

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
  std::string finish(std::uint64_t left_out) {
    return fmt::format(
        "{{\"displayTimeUnit\": \"ms\", \"otherData\": {{\"deliveries_left_out\": {}}},\n"
        "\"traceEvents\": [{}\n]}}\n",
        left_out, text_);
  }

 private:
  std::string text_;
  bool first_ = true;
};

// Whole nanoseconds in microseconds.
std::string micros(std::int64_t ns) { return fmt::format("{}.{:03}", ns / 1000, ns % 1000); }

void add_agents(const RunReport& report, TraceText& text) {
  std::set<AgentId> shown;
  for (const TracedDelivery& delivery : report.trace) {
    shown.insert(delivery.sender);
  }
  for (const ChaosEvent& event : report.chaos_events) {
    shown.insert(event.agent);
  }
  for (const AgentId agent : shown) {
    text.add(R"({{"ph": "M", "name": "process_name", "pid": {}, "args": {{"name": "{}"}}}})",
             agent + 1, agent_name(agent));
    text.add(R"({{"ph": "M", "name": "process_sort_index", "pid": {0}, "args": )"
             R"({{"sort_index": {0}}}}})",
             agent + 1);
  }
}

void add_slice(const TracedDelivery& delivery, std::uint64_t id, TraceText& text) {
  const std::string_view type = name_of(delivery.type);
  const std::string common = fmt::format(
      R"("cat": "{0}", "name": "{0} {1} to {2}", "id": "{3:#x}", "pid": {4}, "tid": {4})", type,
      delivery.sequence, agent_name(delivery.recipient), id, delivery.sender + 1);
  text.add(R"({{"ph": "b", {}, "ts": {}, "args": {{"lateness_ns": {}}}}})", common,
           micros(delivery.intended_ns), delivery.sent_ns - delivery.intended_ns);
  text.add(R"({{"ph": "e", {}, "ts": {}}})", common, micros(delivery.received_ns));
}

void add_instant(const ChaosEvent& event, TraceText& text) {
  text.add(R"({{"ph": "i", "s": "p", "cat": "chaos", "name": "{0}", "pid": {1}, "tid": {1}, )"
           R"("ts": {2}, "args": {{"sequence": {3}, "extra_ns": {4}}}}})",
           name_of(event.kind), event.agent + 1, micros(event.t_ns), event.sequence,
           event.extra_ns);
}

}  // namespace

std::string trace_json(const RunReport& report) {
  TraceText text;
  add_agents(report, text);
  std::uint64_t id = 0;
  for (const TracedDelivery& delivery : report.trace) {
    add_slice(delivery, ++id, text);
  }
  for (const ChaosEvent& event : report.chaos_events) {
    add_instant(event, text);
  }
  return text.finish(report.trace_left_out);
}

}  // namespace spate::bench
