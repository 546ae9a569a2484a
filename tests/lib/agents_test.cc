#include "spate/agents.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "support/binomial.h"
#include "support/messages.h"

namespace spate {
namespace {

using namespace testing_support;

TypeMix only(MessageType type) {
  TypeMix::Weights weights{};
  weights[index_of(type)] = 1;
  return TypeMix(weights);
}

// Recipients.

TEST(Agents, SendToEveryOtherAgentEquallyOftenAndNeverToThemselves) {
  for (const std::uint32_t count : {3U, 9U, 100U}) {
    const Agents agents(5, count, only(MessageType::text));
    for (const AgentId sender : {AgentId{0}, count / 2, count - 1}) {
      std::vector<std::uint64_t> received(count);
      for (std::uint64_t sequence = 0; sequence < 50'000; ++sequence) {
        const AgentId recipient = agents.intent(sender, agents.draws(sender, sequence)).recipient;
        ASSERT_LT(recipient, count);
        ++received[recipient];
      }
      EXPECT_EQ(received[sender], 0U);
      received.erase(received.begin() + sender);
      EXPECT_TRUE(looks_uniform(received)) << count << " agents, sender " << sender;
    }
  }
}

TEST(Agents, OfTwoSendToTheOther) {
  const Agents agents(5, 2, TypeMix());
  for (std::uint64_t sequence = 0; sequence < 100; ++sequence) {
    EXPECT_EQ(agents.intent(0, agents.draws(0, sequence)).recipient, 1U);
    EXPECT_EQ(agents.intent(1, agents.draws(1, sequence)).recipient, 0U);
  }
}

TEST(Agents, BroadcastToEachOtherAgentOnceInOrder) {
  for (const std::uint32_t count : {2U, 3U, 9U}) {
    const Agents agents(5, count, only(MessageType::broadcast));
    for (AgentId sender = 0; sender < count; ++sender) {
      std::vector<AgentId> expected;
      for (AgentId agent = 0; agent < count; ++agent) {
        if (agent != sender) {
          expected.push_back(agent);
        }
      }
      std::vector<AgentId> reached;
      AgentId next = agents.intent(sender, agents.draws(sender, 0)).recipient;
      while (next < count) {
        reached.push_back(next);
        next = agents.next_recipient(sender, next + 1);
      }
      EXPECT_EQ(reached, expected);
      EXPECT_EQ(next, count);
      EXPECT_EQ(agents.fanout(MessageType::broadcast), reached.size());
    }
  }
}

TEST(Agents, SendEveryOtherTypeToOneRecipient) {
  const Agents agents(5, 9, TypeMix());
  for (const MessageType type : {MessageType::text, MessageType::system, MessageType::urgent}) {
    EXPECT_EQ(agents.fanout(type), 1U);
  }
}

TEST(Agents, AreNamedFromOneOn) {
  EXPECT_EQ(agent_name(0), "Agent-1");
  EXPECT_EQ(agent_name(8), "Agent-9");
  EXPECT_EQ(agent_name(0xffff'ffffU), "Agent-4294967296");
}

// Types.

TEST(TypeMix, PicksEachTypeWithItsWeight) {
  const TypeMix mix(TypeMix::Weights{5, 1, 0, 2});
  std::vector<std::uint64_t> eighths(8);  // the picks, spread over as many cells as their weight
  std::uint64_t picked_without_weight = 0;
  std::vector<std::uint64_t> turn(kMessageTypes);
  const std::vector<std::size_t> first_cell{0, 5, 0, 6};
  for (std::uint64_t sequence = 0; sequence < 80'000; ++sequence) {
    const std::size_t type = index_of(mix.pick(MessageDraws(3, 1, sequence).draw(Purpose::type)));
    const std::uint32_t weight = mix.weights()[type];
    if (weight == 0) {
      ++picked_without_weight;
      continue;
    }
    ++eighths[first_cell[type] + turn[type]++ % weight];
  }
  EXPECT_EQ(picked_without_weight, 0U);
  // Dealing a type's picks out evenly leaves its cells less random than chance, so only the upper
  // bound means something here: 80'000 / 8 each, give or take what a binomial count may stray.
  const auto bounds = testing_support::binomial_bounds(80'000, 1.0 / 8);
  for (const std::uint64_t count : eighths) {
    EXPECT_GE(count, bounds.least);
    EXPECT_LE(count, bounds.most);
  }
}

TEST(TypeMix, TurnsExactlyAtItsBorders) {
  const TypeMix mix(TypeMix::Weights{1, 1, 1, 1});
  constexpr std::uint64_t kQuarter = std::uint64_t{1} << 62;
  EXPECT_EQ(mix.pick(0), MessageType::text);
  EXPECT_EQ(mix.pick(kQuarter - 1), MessageType::text);
  EXPECT_EQ(mix.pick(kQuarter), MessageType::broadcast);
  EXPECT_EQ(mix.pick(2 * kQuarter), MessageType::system);
  EXPECT_EQ(mix.pick(3 * kQuarter), MessageType::urgent);
  EXPECT_EQ(mix.pick(~std::uint64_t{0}), MessageType::urgent);
}

TEST(TypeMix, KnowsItsMeanFanout) {
  EXPECT_DOUBLE_EQ(only(MessageType::text).mean_fanout(9), 1.0);
  EXPECT_DOUBLE_EQ(only(MessageType::broadcast).mean_fanout(9), 8.0);
  EXPECT_DOUBLE_EQ(TypeMix(TypeMix::Weights{3, 1, 0, 0}).mean_fanout(9), (3 * 1 + 8) / 4.0);
}

TEST(TypeMix, ReadsNamesAndWeights) {
  EXPECT_EQ(TypeMix::parse("text").weights(), (TypeMix::Weights{1, 0, 0, 0}));
  EXPECT_EQ(TypeMix::parse("urgent,text").weights(), (TypeMix::Weights{1, 0, 0, 1}));
  EXPECT_EQ(TypeMix::parse("text=3,broadcast=1").weights(), (TypeMix::Weights{3, 1, 0, 0}));
  EXPECT_EQ(TypeMix::parse("system=1000000,text=0").weights(),
            (TypeMix::Weights{0, 0, 1'000'000, 0}));
}

TEST(TypeMix, NamesWhatIsWrong) {
  struct Case {
    std::string_view text;
    std::string_view complaint;
  };
  for (const Case& bad : {
           Case{"", "'' is not a message type"},
           Case{"mail", "'mail' is not a message type"},
           Case{"Text", "'Text' is not a message type"},
           Case{" text", "' text' is not a message type"},
           Case{"text,", "'' is not a message type"},
           Case{",text", "'' is not a message type"},
           Case{"text,,urgent", "'' is not a message type"},
           Case{"=3", "'' is not a message type"},
           Case{"text=", "'' is not a weight"},
           Case{"text=x", "'x' is not a weight"},
           Case{"text=3x", "'3x' is not a weight"},
           Case{"text=-1", "'-1' is not a weight"},
           Case{"text=1.5", "'1.5' is not a weight"},
           Case{"text=1=2", "'1=2' is not a weight"},
           Case{"text=1000001", "'1000001' is not a weight"},
           Case{"text=99999999999999999999", "'99999999999999999999' is not a weight"},
           Case{"text,text", "'text' is given twice"},
           Case{"text=2,urgent,text=1", "'text' is given twice"},
       }) {
    const std::string line = error_of([&] { return TypeMix::parse(bad.text); });
    expect_line_with(line, {bad.complaint, "types '" + std::string(bad.text) + "'",
                            "text, broadcast, system, urgent"});
  }
}

TEST(TypeMix, NoticesATypeThatIsGivenTwiceWhenItsFirstWeightIsZero) {
  expect_line_with(error_of([] { return TypeMix::parse("text=0,text=1"); }), {"given twice"});
}

TEST(TypeMix, WantsAPositiveWeight) {
  expect_line_with(error_of([] { return TypeMix::parse("text=0"); }), {"every weight is 0"});
  expect_line_with(error_of([] { return TypeMix(TypeMix::Weights{}); }), {"every weight is 0"});
}

}  // namespace
}  // namespace spate
