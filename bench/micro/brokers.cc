// Through a broker, beside bare loops over its client library: publishing alone, the whole way, and
// that at a low rate.
#include "brokers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "broker_loads.h"
#include "micro.h"
#include "references/references.h"
#include "spate/bench/modes.h"
#include "spate/clock.h"
#include "spate/drivers/envelope.h"
#include "spate/error.h"
#include "spate/stress_run.h"

namespace spate::bench {
namespace {

constexpr std::uint32_t kAgents = 9;
// What a broker that has next to nothing to do takes for a message.
constexpr std::uint64_t kPacedRate = 1000;
constexpr std::uint64_t kPacedMessages = 3 * kPacedRate;

std::span<const BrokerReference> all_references() {
  static const std::vector<BrokerReference> all{
#ifdef SPATE_HAS_REDIS
      {"redis", redis_publish, redis_deliver},
#endif
#ifdef SPATE_HAS_NATS
      {"nats", nats_publish, nats_deliver},
#endif
#ifdef SPATE_HAS_RABBITMQ
      {"rabbitmq", rabbitmq_publish, rabbitmq_deliver},
#endif
#ifdef SPATE_HAS_KAFKA
      {"kafka", kafka_publish, kafka_deliver},
#endif
  };
  return all;
}

RunPlan plan_over(std::string_view mode, std::uint64_t seed) {
  RunPlan plan;
  plan.mode = mode;
  plan.rate = 0;
  plan.agents = kAgents;
  plan.workers = 1;
  plan.seed = seed;
  plan.types = TypeMix(TypeMix::Weights{1, 0, 0, 0});
  // The broker carries as many bytes as for the reference: our header is among them.
  plan.payload_bytes = kReferenceBytes - drivers::Envelope::kHeaderBytes;
  return plan;
}

// Sends and awaits the answers: nobody receives.
class Publisher {
 public:
  explicit Publisher(AnyProducer producer) : producer_(std::move(producer)) {}

  // False when a message was not acknowledged.
  bool publish(std::uint64_t messages) {
    while (settled_ < messages && !interrupted()) {
      const std::span<const Message> batch = next_batch(messages);
      const std::size_t taken = producer_.try_send(batch);
      sent_ += taken;
      const std::size_t settled = settle();
      give_way(taken + settled == 0);
    }
    return acked_ == settled_;
  }

 private:
  std::span<const Message> next_batch(std::uint64_t messages) {
    const auto count = std::min<std::uint64_t>(
        {kReferenceBatch, messages - sent_, kPublishInFlight - (sent_ - settled_)});
    const std::int64_t now_ns = clock_.now_ns();
    for (std::uint64_t at = 0; at < count; ++at) {
      Message& message = batch_[at];
      message.ordinal = sent_ + at;
      message.sender = static_cast<AgentId>(message.ordinal % kAgents);
      message.recipient = static_cast<AgentId>((message.ordinal + 1) % kAgents);
      message.sequence = message.ordinal / kAgents;
      message.intended_ns = now_ns;
      message.sent_ns = now_ns;
    }
    return std::span(batch_).first(count);
  }
  std::size_t settle() {
    const std::size_t count = producer_.poll(settlements_);
    settled_ += count;
    acked_ += static_cast<std::uint64_t>(std::count_if(
        settlements_.begin(), settlements_.begin() + static_cast<std::ptrdiff_t>(count),
        [](const Settlement& one) { return one.outcome == Outcome::acked; }));
    return count;
  }

  AnyProducer producer_;
  SteadyClock clock_;
  std::array<Message, kReferenceBatch> batch_;
  std::array<Settlement, 2 * kReferenceBatch> settlements_;
  std::uint64_t sent_ = 0;
  std::uint64_t settled_ = 0;
  std::uint64_t acked_ = 0;
};

// What no other process has.
std::string own_name() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

// Runs `body` for all iterations at once, with what stands before and after it out of the time.
template <class Body>
void timed_at_once(benchmark::State& state, Body&& body) {
  while (state.KeepRunningBatch(state.max_iterations)) {
    try {
      body(static_cast<std::uint64_t>(state.max_iterations));
    } catch (const std::exception& error) {
      state.SkipWithError(error.what());
      break;
    }
    if (interrupted()) {
      state.SkipWithError("interrupted");
      break;
    }
  }
}

void publish(benchmark::State& state, const std::string& mode, std::uint64_t seed) {
  timed_at_once(state, [&](std::uint64_t messages) {
    state.PauseTiming();
    RunPlan plan = plan_over(mode, seed);
    plan.messages = messages;
    AnyDelivery delivery = mode_named(mode).make(plan, payloads_for(plan));
    Publisher publisher(delivery.make_producer(0));
    state.ResumeTiming();
    const bool all_acked = publisher.publish(messages);
    state.PauseTiming();
    if (!all_acked) {
      throw Error(fmt::format("mode '{}': not every message was acknowledged", mode));
    }
    state.ResumeTiming();
  });
}

void run(Reference loop, const std::string& mode, Load& load) {
  loop(open_address(mode), "spate-reference-" + own_name(), load);
}

void refer(benchmark::State& state, const std::string& mode, Reference loop,
           std::size_t in_flight) {
  timed_at_once(state, [&](std::uint64_t messages) {
    state.PauseTiming();
    FullLoad load(state, messages, in_flight);
    run(loop, mode, load);
    state.ResumeTiming();
  });
}

void refer_paced(benchmark::State& state, const std::string& mode, Reference loop) {
  timed_at_once(state, [&](std::uint64_t messages) {
    PacedLoad load(messages, kPacedRate);
    run(loop, mode, load);
    state.counters["response_ns_p50"] = static_cast<double>(load.response().quantile(0.5));
    state.counters["response_ns_p99"] = static_cast<double>(load.response().quantile(0.99));
  });
}

template <class Body>
benchmark::internal::Benchmark* register_timed(const std::string& name, Body body) {
  return benchmark::RegisterBenchmark(name.c_str(), body)->UseRealTime()->MeasureProcessCPUTime();
}

Cell cell_over(const std::string& mode, const Options& options, std::string claim) {
  Cell cell;
  cell.claim = std::move(claim);
  cell.plan = plan_over(mode, options.plan.seed);
  cell.duration_ns = options.closed_loop_ns;
  cell.templates_name = "built-in";
  return cell;
}

void register_publish(const BrokerReference& reference, const Options& options) {
  const std::string mode(reference.mode);
  register_timed("publish/mode:" + mode, [mode, seed = options.plan.seed](benchmark::State& state) {
    publish(state, mode, seed);
  });
  register_timed("reference/publish_" + mode, [mode, reference](benchmark::State& state) {
    refer(state, mode, reference.publish, kPublishInFlight);
  });
}

void register_deliver(const BrokerReference& reference, const Options& options, RunStore& store) {
  const std::string mode(reference.mode);
  register_cell("deliver/mode:" + mode, cell_over(mode, options, "deliver " + mode), store);
  register_timed("reference/deliver_" + mode, [mode, reference](benchmark::State& state) {
    refer(state, mode, reference.deliver, kDeliverInFlight);
  });
}

void register_paced(const BrokerReference& reference, const Options& options, RunStore& store) {
  const std::string mode(reference.mode);
  Cell cell = cell_over(mode, options, "paced " + mode);
  cell.plan.rate = kPacedRate;
  cell.plan.messages = kPacedMessages;
  cell.duration_ns = cell.plan.duration_ns();
  register_cell("paced/mode:" + mode, cell, store);
  register_timed("reference/paced_" + mode, [mode, reference](benchmark::State& state) {
    refer_paced(state, mode, reference.deliver);
  })->Iterations(kPacedMessages);
}

}  // namespace

void register_brokers(const Options& options, RunStore& store) {
  for (const BrokerReference& reference : all_references()) {
    if (std::find(options.modes.begin(), options.modes.end(), reference.mode) !=
        options.modes.end()) {
      register_publish(reference, options);
      register_deliver(reference, options, store);
      register_paced(reference, options, store);
    }
  }
}

}  // namespace spate::bench
