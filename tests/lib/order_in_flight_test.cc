// Against counting by the definition.
#include "lib/src/sim/order_in_flight.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <ostream>
#include <random>
#include <tuple>
#include <vector>

namespace spate {
namespace {

struct Habits {
  const char* name;
  std::uint32_t agents;
  std::int64_t latency_most_ns;
  std::int64_t hold_most_ns;

  friend std::ostream& operator<<(std::ostream& out, const Habits& habits) {
    return out << habits.name;
  }
};

struct Sent {
  Message message;
  std::int64_t comes_ns;     // to the mock
  std::int64_t received_ns;  // kNever: never
};

std::uint64_t counted_by_definition(const std::vector<Sent>& all) {
  std::map<std::tuple<AgentId, AgentId, Lane>, std::vector<Sent>> triples;
  for (const Sent& sent : all) {
    const Message& message = sent.message;
    triples[{message.sender, message.recipient, lane_of(message.type)}].push_back(sent);
  }
  std::uint64_t count = 0;
  for (const auto& [triple, messages] : triples) {
    for (const Sent& one : messages) {
      const auto overtakes = [&](const Sent& other) {
        return other.message.sequence > one.message.sequence && other.received_ns < one.received_ns;
      };
      const bool received = one.received_ns != kNever;
      count += received && std::any_of(messages.begin(), messages.end(), overtakes) ? 1U : 0U;
    }
  }
  return count;
}

class OrderAgainstTheDefinition : public testing::TestWithParam<Habits> {
 protected:
  std::int64_t up_to(std::int64_t most) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(most + 1));
  }

  std::vector<Sent> messages() {
    std::vector<Sent> all;
    for (std::uint64_t i = 0; i < 20'000; ++i) {
      Message message;
      message.sender = static_cast<AgentId>(i % GetParam().agents);
      message.sequence = i / GetParam().agents;
      message.recipient = static_cast<AgentId>(random_() % GetParam().agents);
      message.type = random_() % 4 == 0 ? MessageType::urgent : MessageType::text;
      message.sent_ns = static_cast<std::int64_t>(i) * 10;
      const bool held = random_() % 8 == 0;
      const std::int64_t comes_ns =
          message.sent_ns + (held ? 1 + up_to(GetParam().hold_most_ns) : 0);
      const bool fails = random_() % 16 == 0;
      all.push_back(
          {message, comes_ns, fails ? kNever : comes_ns + up_to(GetParam().latency_most_ns)});
    }
    return all;
  }

  std::mt19937_64 random_{7};
};

// Few triples with much in flight, and many with little.
INSTANTIATE_TEST_SUITE_P(Habits, OrderAgainstTheDefinition,
                         testing::Values(Habits{"FewAgents", 3, 2000, 20'000},
                                         Habits{"ManyAgents", 300, 100'000, 100'000},
                                         Habits{"AllAtOnce", 2, 0, 50}),
                         [](const auto& test) { return test.param.name; });

TEST_P(OrderAgainstTheDefinition, CountsTheSame) {
  const std::vector<Sent> all = messages();
  struct Step {
    std::int64_t at_ns;
    bool comes;  // else it is sent, and held
    std::size_t index;
    bool operator<(const Step& other) const {
      return std::tie(at_ns, comes, index) < std::tie(other.at_ns, other.comes, other.index);
    }
  };
  std::vector<Step> steps;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].comes_ns > all[i].message.sent_ns) {
      steps.push_back({all[i].message.sent_ns, false, i});
    }
    steps.push_back({all[i].comes_ns, true, i});
  }
  std::sort(steps.begin(), steps.end());

  OrderInFlight order(GetParam().agents);
  std::uint64_t overtaken = 0;
  for (const Step& step : steps) {
    const Sent& sent = all[step.index];
    if (!step.comes) {
      order.hold(sent.message, step.at_ns);
      continue;
    }
    if (sent.comes_ns > sent.message.sent_ns) {
      order.release(sent.message, step.at_ns);
    }
    if (sent.received_ns != kNever) {
      overtaken += order.receive(sent.message, step.at_ns, sent.received_ns);
    }
  }
  EXPECT_EQ(overtaken, counted_by_definition(all));
  EXPECT_GT(overtaken, 50U) << "too few to tell";
}

}  // namespace
}  // namespace spate
