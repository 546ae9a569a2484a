#include "report_assembly.h"

#include <algorithm>
#include <vector>

#include "spate/schedule.h"

namespace spate {
namespace {

constexpr double kAchievedEnough = 0.99;

void add(Tally& sum, const SendTally::Group& group) {
  sum.sent += group.sent;
  sum.expected += group.expected;
  sum.refused += group.refused;
}

std::int64_t after_start(std::int64_t at_ns, std::int64_t start_ns) {
  return at_ns == kNotYet ? -1 : at_ns - start_ns;
}

void assemble_counts(std::span<const RunPart> parts, RunReport& report) {
  for (const RunPart& part : parts) {
    report.failed += part.sends->refused(Outcome::failed);
    report.crashed += part.sends->refused(Outcome::crashed);
    report.rejected += part.sends->refused(Outcome::rejected);
    report.spiked += part.chaos.spiked;
    report.reorders_injected += part.chaos.reordered;
    report.burst_failures += part.chaos.burst_failures;
    report.duplicates_injected += part.chaos.duplicates;
    report.acks_dropped += part.chaos.acks_dropped;
    report.shed += part.shed;
    report.digest += part.digest;
    report.mock_digest += part.mock_digest;
  }
}

void assemble_account(std::span<const RunPart> parts, RunReport& report, FindingSink* sink) {
  std::vector<const SentLedger*> sent;
  std::vector<const SeenLedger*> seen;
  std::vector<const SeenLedger*> copies;
  for (const RunPart& part : parts) {
    report.account += part.findings;
    if (part.sent != nullptr) {
      sent.push_back(part.sent);
      seen.push_back(part.seen);
    }
    if (part.copies != nullptr) {
      copies.push_back(part.copies);
    }
  }
  report.account += reconcile(sent, seen, sink);
  report.account.duplicated +=
      count_duplicates(copies, static_cast<std::uint32_t>(parts.size()), sink);
  report.total.delivered = report.account.delivered();
}

void assemble_windows(std::span<const RunPart> parts, RunReport& report) {
  for (std::size_t window = 0; window < kWindows; ++window) {
    LatencyRecorder merged;
    for (const RunPart& part : parts) {
      merged.merge(part.receipts->window(window));
    }
    report.windows[window] = {merged.count(), merged.quantile(0.5), merged.quantile(0.99)};
    report.response.merge(merged);
  }
}

void assemble_agents(const RunPlan& plan, std::span<const RunPart> parts, std::int64_t start_ns,
                     RunReport& report) {
  AgentLatencies latencies = parts.front().receipts->by_sender();
  for (const RunPart& other : parts.subspan(1)) {
    latencies.merge(other.receipts->by_sender());
  }
  report.agents.resize(plan.agents);
  for (AgentId agent = 0; agent < plan.agents; ++agent) {
    const SendTally::Group& group = parts[agent % parts.size()].sends->group(agent);
    GroupReport& out = report.agents[agent];
    add(out.tally, group);
    out.tally.delivered = latencies.count(agent);
    out.response_mean_ns = latencies.mean(agent);
    out.response_p99_ns = latencies.quantile(agent, 0.99);
    std::int64_t last_ns = group.last_sent_ns;
    for (const RunPart& part : parts) {
      last_ns = std::max(last_ns, part.receipts->last_received_ns(agent));
    }
    out.last_activity_ns = after_start(last_ns, start_ns);
  }
}

void assemble_types(std::span<const RunPart> parts, std::int64_t start_ns, RunReport& report) {
  for (std::size_t index = 0; index < kMessageTypes; ++index) {
    const auto type = static_cast<MessageType>(index);
    GroupReport& out = report.types[index];
    LatencyRecorder response;
    std::int64_t last_ns = kNotYet;
    for (const RunPart& part : parts) {
      add(out.tally, part.sends->group(type));
      response.merge(part.receipts->by_type(type));
      last_ns = std::max(
          {last_ns, part.sends->group(type).last_sent_ns, part.receipts->last_received_ns(type)});
    }
    out.tally.delivered = response.count();
    out.response_mean_ns = response.mean();
    out.response_p99_ns = response.quantile(0.99);
    out.last_activity_ns = after_start(last_ns, start_ns);
    report.total.sent += out.tally.sent;
    report.total.expected += out.tally.expected;
    report.total.refused += out.tally.refused;
  }
}

// The last message of a schedule is due one interval before its end. 0 in a closed loop.
std::int64_t schedule_length_ns(const RunPlan& plan, std::span<const RunPart> parts) {
  std::int64_t length_ns = plan.duration_ns();
  for (const RunPart& part : parts) {
    if (plan.rate > 0) {
      length_ns = std::max(length_ns, part.last_due_ns + due_offset_ns(1, plan.rate));
    }
  }
  return length_ns;
}

void assemble_rate(const RunPlan& plan, std::span<const RunPart> parts, const RunSpan& span,
                   RunReport& report) {
  std::int64_t last_sent_ns = span.start_ns;
  for (const RunPart& part : parts) {
    last_sent_ns = std::max(last_sent_ns, part.sends->last_sent_ns());
  }
  report.send_ns = last_sent_ns - span.start_ns;
  const std::int64_t schedule_ns = schedule_length_ns(plan, parts);
  // Till when there might have been more to send.
  const std::int64_t stopped_ns = std::min(span.length_ns, schedule_ns);
  report.send_ns = std::max(report.send_ns, report.interrupted ? stopped_ns : schedule_ns);
  if (report.send_ns > 0) {
    report.rate_achieved =
        static_cast<double>(report.total.sent) * 1e9 / static_cast<double>(report.send_ns);
  }
  report.rate_due = schedule_ns == 0 ? 0.0
                                     : static_cast<double>(plan.messages) * 1e9 /
                                           static_cast<double>(schedule_ns);
  report.saturated = !report.interrupted &&
                     (report.shed > 0 || report.rate_achieved < kAchievedEnough * report.rate_due);
}

void assemble_trace(const RunPlan& plan, std::span<const RunPart> parts, std::int64_t start_ns,
                    RunReport& report) {
  std::uint64_t recorded = 0;
  for (const RunPart& part : parts) {
    const std::vector<TracedDelivery> kept = part.receipts->trace().kept();
    report.trace.insert(report.trace.end(), kept.begin(), kept.end());
    recorded += part.receipts->trace().recorded();
  }
  std::sort(report.trace.begin(), report.trace.end(), ReceivedEarlier{});
  const std::size_t most = std::min<std::size_t>(report.trace.size(), plan.traced_deliveries);
  report.trace.erase(report.trace.begin(), report.trace.end() - static_cast<std::ptrdiff_t>(most));
  report.trace_left_out = recorded - report.trace.size();
  for (TracedDelivery& delivery : report.trace) {
    delivery.intended_ns -= start_ns;
    delivery.sent_ns -= start_ns;
    delivery.received_ns -= start_ns;
  }
}

}  // namespace

void assemble(const RunPlan& plan, std::span<const RunPart> parts, const RunSpan& span,
              RunReport& report, FindingSink* sink) {
  assemble_counts(parts, report);
  assemble_account(parts, report, sink);
  assemble_windows(parts, report);
  assemble_agents(plan, parts, span.start_ns, report);
  assemble_types(parts, span.start_ns, report);
  assemble_rate(plan, parts, span, report);
  assemble_trace(plan, parts, span.start_ns, report);
}

bool RunReport::balanced() const {
  const std::uint64_t refused = failed + crashed + rejected;
  return account.balanced() && account.attempted == total.expected &&
         account.refused_unseen + account.anomalies == refused && total.refused == refused &&
         total.expected == account.delivered() + refused + account.unknown + account.lost;
}

bool RunReport::clean() const {
  Account judged = account;
  judged.duplicated = faults ? 0 : judged.duplicated;
  return balanced() && judged.clean();
}

}  // namespace spate
