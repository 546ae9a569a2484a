// Stations of the simulation against the formulas of queueing theory.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <ostream>
#include <string>

#include "spate/simulation.h"
#include "support/runs.h"

namespace spate {
namespace {

using namespace testing_support;

constexpr std::int64_t kMeanServiceNs = kMillisecond;

struct Queue {
  std::string name;
  std::uint32_t servers;
  double load;  // per server
  LatencyModel service;
  double wait_ns;  // mean, by formula
};
std::ostream& operator<<(std::ostream& out, const Queue& queue) { return out << queue.name; }

double arrivals_per_ns(std::uint32_t servers, double load) {
  return load * servers / static_cast<double>(kMeanServiceNs);
}

// Erlang's C formula: the chance to wait in M/M/c (Kleinrock, "Queueing Systems" 1, 1975, 3.5).
double chance_to_wait(std::uint32_t servers, double load) {
  const double offered = load * servers;
  double term = 1;
  double sum = 0;
  for (std::uint32_t k = 0; k < servers; ++k) {
    sum += term;
    term *= offered / (k + 1);
  }
  const double all_busy = term / (1 - load);
  return all_busy / (sum + all_busy);
}

Queue m_m_c(std::string name, std::uint32_t servers, double load) {
  const double wait_ns = chance_to_wait(servers, load) * kMeanServiceNs / (servers * (1 - load));
  return {std::move(name), servers, load, LatencyModel::exponential(kMeanServiceNs), wait_ns};
}

// The Pollaczek-Khinchine formula (Kleinrock, 5.6): `variation`, the squared coefficient of
// variation of the service times.
Queue m_g_1(std::string name, double load, LatencyModel service, double variation) {
  const double wait_ns = load / (1 - load) * (1 + variation) / 2 * service.mean_ns();
  return {std::move(name), 1, load, std::move(service), wait_ns};
}

Queue uniform_service() {
  // 0 to 2 ms: variance (2 ms)² / 12.
  return m_g_1("MG1Uniform", 0.7, LatencyModel::uniform(0, 2 * kMeanServiceNs), 1.0 / 3);
}
Queue lognormal_service() {
  // exp(σz) has mean exp(σ² / 2) and squared variation exp(σ²) - 1; here σ = 0.8.
  constexpr double kSigma = 0.8;
  constexpr double kZ99 = 2.3263478740408408;
  const double p50 = kMeanServiceNs * std::exp(-kSigma * kSigma / 2);
  return m_g_1(
      "MG1Lognormal", 0.6,
      LatencyModel::lognormal(std::llround(p50), std::llround(p50 * std::exp(kSigma * kZ99))),
      std::exp(kSigma * kSigma) - 1);
}

class QueueingTheory : public testing::TestWithParam<Queue> {};
INSTANTIATE_TEST_SUITE_P(Stations, QueueingTheory,
                         testing::Values(m_m_c("MM1", 1, 0.7), m_m_c("MM1Busy", 1, 0.85),
                                         m_m_c("MM3", 3, 0.8), m_m_c("MM10", 10, 0.9),
                                         m_g_1("MD1", 0.7, LatencyModel::constant(kMeanServiceNs),
                                               0),
                                         uniform_service(), lognormal_service()),
                         [](const auto& test) { return test.param.name; });

RunPlan plan_of(const Queue& queue, std::uint64_t seed) {
  RunPlan plan;
  plan.seed = seed;
  plan.types = only(MessageType::text);
  plan.arrivals = Arrivals::poisson;
  plan.rate =
      static_cast<std::uint64_t>(std::llround(arrivals_per_ns(queue.servers, queue.load) * 1e9));
  plan.messages = 40'000;
  plan.mock = {.latency = queue.service, .success = Probability(1.0)};
  plan.mock.station.servers = queue.servers;
  return plan;
}

// Independent runs, so that their scatter is the error of their mean.
TEST_P(QueueingTheory, MeanWaitingTimeIsTheFormulas) {
  const Queue& queue = GetParam();
  constexpr int kRuns = 25;
  double sum = 0;
  double squares = 0;
  for (int run = 0; run < kRuns; ++run) {
    const RunReport report = simulate(plan_of(queue, 1000 + static_cast<std::uint64_t>(run)));
    const double wait_ns = report.response.mean() - queue.service.mean_ns();
    sum += wait_ns;
    squares += wait_ns * wait_ns;
  }
  const double mean_ns = sum / kRuns;
  const double error_ns = std::sqrt((squares / kRuns - mean_ns * mean_ns) / (kRuns - 1));
  // 24 degrees of freedom: Student's t stays below 4.65 in all but one case of ten thousand.
  EXPECT_LT(std::abs(mean_ns - queue.wait_ns), 4.65 * error_ns)
      << mean_ns << " ns, expected " << queue.wait_ns << " ns";
  EXPECT_LT(error_ns, 0.03 * queue.wait_ns) << "too coarse to tell anything";
}

// In M/M/1 the response time is exponential, with mean 1 / (μ - λ).
TEST(QueueingTheory, ResponseTimesOfMM1AreExponential) {
  const Queue queue = m_m_c("MM1", 1, 0.5);
  LatencyRecorder response;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    response.merge(simulate(plan_of(queue, seed)).response);
  }
  const double mean_ns = kMeanServiceNs / (1 - queue.load);
  for (const double q : {0.1, 0.5, 0.9, 0.99}) {
    const double expected = -std::log(1 - q) * mean_ns;
    EXPECT_NEAR(static_cast<double>(response.quantile(q)), expected, 0.03 * expected) << q;
  }
}

// Little's law, over a station with a queue: λ W is what is under way on average. With a window for
// each of N agents and nothing else to do, N · window is always under way.
TEST(QueueingTheory, AClosedLoopKeepsItsStationBusy) {
  RunPlan plan;
  plan.rate = 0;
  plan.window = 4;
  plan.messages = 50'000;
  plan.types = only(MessageType::text);
  plan.mock = {.latency = LatencyModel::exponential(kMeanServiceNs), .success = Probability(1.0)};
  plan.mock.station.servers = 2;
  const RunReport report = simulate(plan);
  const double throughput = report.rate_achieved;
  EXPECT_NEAR(throughput, 2e9 / static_cast<double>(kMeanServiceNs), 0.02 * throughput);
  EXPECT_NEAR(throughput * report.response.mean() * 1e-9, plan.agents * plan.window,
              0.01 * plan.agents * plan.window);
}

}  // namespace
}  // namespace spate
