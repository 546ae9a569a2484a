// Whether two reports are equal to the bit.
#pragma once

#include <algorithm>
#include <string>

#include "spate/report.h"

namespace spate::testing_support {

inline bool same(const Tally& a, const Tally& b) {
  return a.sent == b.sent && a.expected == b.expected && a.delivered == b.delivered &&
         a.refused == b.refused;
}
inline bool same(const GroupReport& a, const GroupReport& b) {
  return same(a.tally, b.tally) && a.response_mean_ns == b.response_mean_ns &&
         a.response_p99_ns == b.response_p99_ns && a.last_activity_ns == b.last_activity_ns;
}
inline bool same(const WindowReport& a, const WindowReport& b) {
  return a.delivered == b.delivered && a.response_p50_ns == b.response_p50_ns &&
         a.response_p99_ns == b.response_p99_ns;
}
inline bool same(const LatencyRecorder& a, const LatencyRecorder& b) {
  return std::ranges::equal(a.counts(), b.counts()) && a.count() == b.count() &&
         a.mean() == b.mean() && a.min() == b.min() && a.max() == b.max() &&
         a.negative() == b.negative() && a.overflow() == b.overflow();
}
inline bool same(const Account& a, const Account& b) {
  return a.attempted == b.attempted && a.acked_seen == b.acked_seen && a.lost == b.lost &&
         a.recovered == b.recovered && a.unknown == b.unknown &&
         a.refused_unseen == b.refused_unseen && a.anomalies == b.anomalies &&
         a.duplicated == b.duplicated && a.reordered == b.reordered && a.aliens == b.aliens &&
         a.corrupted == b.corrupted && a.misreported == b.misreported;
}
inline bool same(const ChaosEvent& a, const ChaosEvent& b) {
  return !EarlierEvent{}(a, b) && !EarlierEvent{}(b, a);
}

inline bool same(const TracedDelivery& a, const TracedDelivery& b) {
  return !ReceivedEarlier{}(a, b) && !ReceivedEarlier{}(b, a) && a.intended_ns == b.intended_ns &&
         a.sent_ns == b.sent_ns && a.type == b.type;
}

template <class Range>
bool same_all(const Range& a, const Range& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) { return same(x, y); });
}

// Names what differs; empty where nothing does.
inline std::string difference(const RunReport& a, const RunReport& b) {
  std::string names;
  const auto check = [&names](const char* name, bool equal) {
    names += equal ? "" : std::string(names.empty() ? "" : ", ") + name;
  };
  check("total", same(a.total, b.total));
  check("failed", a.failed == b.failed);
  check("crashed", a.crashed == b.crashed);
  check("rejected", a.rejected == b.rejected);
  check("spiked", a.spiked == b.spiked);
  check("reorders_injected", a.reorders_injected == b.reorders_injected);
  check("burst_failures", a.burst_failures == b.burst_failures);
  check("duplicates_injected", a.duplicates_injected == b.duplicates_injected);
  check("acks_dropped", a.acks_dropped == b.acks_dropped);
  check("shed", a.shed == b.shed);
  check("account", same(a.account, b.account));
  check("response", same(a.response, b.response));
  check("service", same(a.service, b.service));
  check("lateness", same(a.lateness, b.lateness));
  check("windows", same_all(a.windows, b.windows));
  check("agents", same_all(a.agents, b.agents));
  check("types", same_all(a.types, b.types));
  check("send_ns", a.send_ns == b.send_ns);
  check("rate_achieved", a.rate_achieved == b.rate_achieved);
  check("saturated", a.saturated == b.saturated);
  check("interrupted", a.interrupted == b.interrupted);
  check("digest", a.digest == b.digest);
  check("mock_digest", a.mock_digest == b.mock_digest);
  check("chaos_events", same_all(a.chaos_events, b.chaos_events));
  check("trace", same_all(a.trace, b.trace));
  check("trace_left_out", a.trace_left_out == b.trace_left_out);
  check("chaos_events_left_out", a.chaos_events_left_out == b.chaos_events_left_out);
  return names;
}

}  // namespace spate::testing_support
