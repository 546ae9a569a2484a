// Runs over a broker, to which something happens meanwhile.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>

#include "spate/drivers/broker.h"
#include "spate/drivers/naming.h"
#include "support/runs.h"

namespace spate::testing_support {

// A run over a broker, in steps.
struct SteppedRun {
  explicit SteppedRun(const RunPlan& run_plan)
      : plan(run_plan), payloads(payloads_for(plan)), name(drivers::run_name(*payloads)) {}

  AnyDelivery& delivery_on(drivers::Broker& broker, std::uint32_t capacity = 4096) {
    return delivery.emplace(broker.make_delivery(
        {.workers = plan.workers, .payloads = payloads, .capacity = capacity}));
  }
  RunReport execute() {
    start();
    return report();
  }

  // In a thread of its own; report() waits for its end.
  void start() {
    check(plan);
    stress.emplace(plan, *delivery, payloads, RunExtras{.observed = Observed::yes});
    done = std::async(std::launch::async, [this] { stress->execute(); });
  }
  bool ends_within(std::int64_t ns) {
    return done.wait_for(std::chrono::nanoseconds(ns)) == std::future_status::ready;
  }
  void await_delivered(std::uint64_t deliveries) {
    LiveCursor cursor;
    while (stress->observe(cursor).counts.delivered < deliveries) {
      ASSERT_FALSE(ends_within(kMillisecond)) << "before " << deliveries << " were delivered";
    }
  }
  RunReport report() {
    done.get();
    return stress->report();
  }

  RunPlan plan;
  std::shared_ptr<const Payloads> payloads;
  std::string name;
  std::optional<AnyDelivery> delivery;
  std::optional<StressRun> stress;
  std::future<void> done;
};

inline void expect_nothing_lost(const RunReport& report) {
  EXPECT_TRUE(report.balanced());
  EXPECT_EQ(report.account.lost, 0U);
  EXPECT_EQ(report.account.anomalies, 0U);
  EXPECT_EQ(report.account.misreported, 0U);
}

// All that it had to say since the last call, a line each.
inline std::string said(drivers::Broker& broker) {
  std::string lines;
  for (const drivers::Troubles::Line& line : broker.troubles().take()) {
    lines += line.text + "\n";
  }
  return lines;
}

}  // namespace spate::testing_support
