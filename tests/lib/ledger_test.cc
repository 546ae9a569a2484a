#include "spate/ledger.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <map>
#include <random>
#include <vector>

#include "support/ledger_books.h"
#include "support/messages.h"

namespace spate {
namespace {

using namespace testing_support;

constexpr std::uint64_t kSegment = kSegmentBits;

// As they are without anybody who watches, and with the usual window: one sender's worker,
// `workers` receiving ones.
struct Ledgers {
  explicit Ledgers(std::uint32_t workers = 1) : sent(workers) {
    for (std::uint32_t worker = 0; worker < workers; ++worker) {
      seen.emplace_back(workers);
    }
  }

  Account account(std::uint64_t attempted) {
    sent[0].close(attempted);
    std::vector<const SentLedger*> sent_by;
    std::vector<const SeenLedger*> seen_by;
    for (const SentLedger& one : sent) {
      sent_by.push_back(&one);
    }
    for (const SeenLedger& one : seen) {
      seen_by.push_back(&one);
    }
    return reconcile(sent_by, seen_by);
  }

  std::vector<SentLedger> sent;
  std::vector<SeenLedger> seen;
};

// What the sender knows × whether it was seen; the class it belongs to, as classes_of counts them.
struct State {
  const char* name;
  bool settled;
  Outcome outcome;
  bool seen;
  std::size_t belongs_to;
};

class EveryState : public testing::TestWithParam<State> {};
INSTANTIATE_TEST_SUITE_P(States, EveryState,
                         testing::Values(State{"AckedSeen", true, Outcome::acked, true, 0},
                                         State{"AckedUnseen", true, Outcome::acked, false, 1},
                                         State{"UnknownSeen", true, Outcome::unknown, true, 2},
                                         State{"UnsettledSeen", false, Outcome::unknown, true, 2},
                                         State{"UnknownUnseen", true, Outcome::unknown, false, 3},
                                         State{"UnsettledUnseen", false, Outcome::unknown, false,
                                               3},
                                         State{"FailedUnseen", true, Outcome::failed, false, 4},
                                         State{"CrashedUnseen", true, Outcome::crashed, false, 4},
                                         State{"RejectedUnseen", true, Outcome::rejected, false, 4},
                                         State{"FailedSeen", true, Outcome::failed, true, 5},
                                         State{"CrashedSeen", true, Outcome::crashed, true, 5},
                                         State{"RejectedSeen", true, Outcome::rejected, true, 5}),
                         [](const auto& test) { return test.param.name; });

// At the edges of words and segments alike.
TEST_P(EveryState, IsCountedInItsOneClass) {
  const State& state = GetParam();
  for (const std::uint64_t ordinal : {std::uint64_t{0}, std::uint64_t{63}, std::uint64_t{64},
                                      kSegment - 1, kSegment, 3 * kSegment + 5}) {
    Ledgers books;
    for (std::uint64_t other = 0; other < ordinal; ++other) {
      books.sent[0].settle(other, Outcome::acked);
      books.seen[0].mark(0, other);
    }
    if (state.settled) {
      books.sent[0].settle(ordinal, state.outcome);
    }
    if (state.seen) {
      books.seen[0].mark(0, ordinal);
    }
    const Account account = books.account(ordinal + 1);
    std::array<std::uint64_t, 6> expected{};
    expected[0] = ordinal;
    ++expected[state.belongs_to];
    EXPECT_EQ(classes_of(account), expected) << "ordinal " << ordinal;
    EXPECT_EQ(account.attempted, ordinal + 1);
    EXPECT_TRUE(account.balanced());
    EXPECT_EQ(account.duplicated, 0U);
    EXPECT_EQ(account.delivered(), account.acked_seen + account.recovered);
    const bool loss_or_anomaly = account.lost > 0 || account.anomalies > 0;
    EXPECT_EQ(account.clean(), !loss_or_anomaly);
  }
}

TEST(Ledger, OfNothingIsClean) {
  Ledgers books;
  const Account account = books.account(0);
  EXPECT_EQ(account.attempted, 0U);
  EXPECT_TRUE(account.clean());
}

TEST(Ledger, CountsADuplicateOnceForEachTimeTooMany) {
  Ledgers books;
  books.sent[0].settle(5, Outcome::acked);
  EXPECT_TRUE(books.seen[0].mark(0, 5));
  EXPECT_EQ(books.account(6).duplicated, 0U);
  EXPECT_FALSE(books.seen[0].mark(0, 5));
  EXPECT_EQ(books.account(6).duplicated, 1U);
  EXPECT_FALSE(books.seen[0].mark(0, 5));
  const Account account = books.account(6);
  EXPECT_EQ(account.duplicated, 2U);
  EXPECT_EQ(account.acked_seen, 1U);
  EXPECT_FALSE(account.clean());
}

TEST(Ledger, CountsADuplicateThatAnotherWorkerSaw) {
  Ledgers books(3);
  for (const std::uint64_t ordinal : {std::uint64_t{2}, kSegment + 7}) {
    books.sent[0].settle(ordinal, Outcome::acked);
    for (SeenLedger& ledger : books.seen) {
      EXPECT_TRUE(ledger.mark(0, ordinal));
    }
  }
  const Account account = books.account(kSegment + 8);
  EXPECT_EQ(account.duplicated, 4U);
  EXPECT_EQ(account.acked_seen, 2U);
}

TEST(Ledger, KeepsTheSendersApart) {
  Ledgers books(2);
  books.sent[0].settle(0, Outcome::acked);
  books.sent[1].settle(0, Outcome::acked);
  books.sent[1].close(1);
  books.seen[1].mark(0, 0);
  const Account account = books.account(1);
  EXPECT_EQ(account.attempted, 2U);
  EXPECT_EQ(account.acked_seen, 1U);
  EXPECT_EQ(account.lost, 1U);
}

TEST(Ledger, SettlesOnce) {
  for (const Outcome first : {Outcome::acked, Outcome::failed, Outcome::unknown}) {
    Ledgers books;
    EXPECT_TRUE(books.sent[0].settle(kSegment, first));
    const auto before = classes_of(books.account(kSegment + 1));
    EXPECT_FALSE(books.sent[0].settle(kSegment, Outcome::acked));
    EXPECT_FALSE(books.sent[0].settle(kSegment, Outcome::rejected));
    EXPECT_EQ(classes_of(books.account(kSegment + 1)), before);
  }
}

TEST(Ledger, TakesWhatWasSeenButNeverAttemptedForAliens) {
  Ledgers books;
  for (std::uint64_t ordinal = 0; ordinal < 200; ++ordinal) {
    books.sent[0].settle(ordinal, Outcome::acked);
    books.seen[0].mark(0, ordinal);
  }
  const Account account = books.account(100);
  EXPECT_EQ(account.acked_seen, 100U);
  EXPECT_EQ(account.aliens, 100U);
  EXPECT_TRUE(account.balanced());
}

TEST(Ledger, ReservedIsLikeGrown) {
  Ledgers grown;
  Ledgers reserved;
  reserved.sent[0].reserve(4 * kSegment);
  reserved.seen[0].reserve(0, 4 * kSegment);
  for (Ledgers* books : {&grown, &reserved}) {
    books->sent[0].settle(2 * kSegment, Outcome::acked);
    EXPECT_TRUE(books->seen[0].mark(0, 2 * kSegment));
  }
  EXPECT_EQ(classes_of(grown.account(2 * kSegment + 1)),
            classes_of(reserved.account(2 * kSegment + 1)));
}

TEST(Ledger, AgreesWithAMapAfterRandomEvents) {
  constexpr std::uint64_t kOrdinals = 2 * kSegment + 100;
  constexpr std::uint32_t kWorkers = 3;
  std::mt19937_64 random(9);
  Ledgers books(kWorkers);
  std::map<std::uint64_t, Outcome> outcomes;
  std::map<std::uint64_t, std::uint64_t> sightings;
  for (int event = 0; event < 300'000; ++event) {
    const std::uint64_t ordinal = random() % kOrdinals;
    if (random() % 2 == 0) {
      const auto outcome = static_cast<Outcome>(random() % 5);
      if (outcomes.emplace(ordinal, outcome).second) {
        books.sent[0].settle(ordinal, outcome);
      }
    } else {
      books.seen[random() % kWorkers].mark(0, ordinal);
      ++sightings[ordinal];
    }
  }
  std::array<std::uint64_t, 6> expected{};
  std::uint64_t duplicated = 0;
  for (std::uint64_t ordinal = 0; ordinal < kOrdinals; ++ordinal) {
    const auto outcome = outcomes.find(ordinal);
    const auto sighting = sightings.find(ordinal);
    const bool seen = sighting != sightings.end();
    duplicated += seen ? sighting->second - 1 : 0;
    const bool unknown = outcome == outcomes.end() || outcome->second == Outcome::unknown;
    const bool acked = !unknown && outcome->second == Outcome::acked;
    ++expected[unknown ? (seen ? 2U : 3U) : acked ? (seen ? 0U : 1U) : (seen ? 5U : 4U)];
  }
  const Account account = books.account(kOrdinals);
  EXPECT_EQ(classes_of(account), expected);
  EXPECT_EQ(account.duplicated, duplicated);
  EXPECT_TRUE(account.balanced());
}

TEST(Account, IsNotBalancedWhenOneIsMissing) {
  Account account;
  account.attempted = 3;
  account.acked_seen = 2;
  EXPECT_FALSE(account.balanced());
  account.refused_unseen = 1;
  EXPECT_TRUE(account.clean());
}

TEST(Account, IsNotCleanWithAnythingThatACorrectDeliveryNeverDoes) {
  for (std::uint64_t Account::*const fault :
       {&Account::duplicated, &Account::aliens, &Account::corrupted, &Account::misreported}) {
    Account account;
    account.*fault = 1;
    EXPECT_FALSE(account.clean());
  }
}

// Order.

TEST(ReorderDetector, FindsWhatComesAfterALaterOne) {
  ReorderDetector detector(9);
  EXPECT_FALSE(detector.observe(message_of(0, 1, 0)));
  EXPECT_FALSE(detector.observe(message_of(0, 1, 3)));
  EXPECT_TRUE(detector.observe(message_of(0, 1, 1)));
  EXPECT_TRUE(detector.observe(message_of(0, 1, 2)));
  EXPECT_FALSE(detector.observe(message_of(0, 1, 4)));
}

TEST(ReorderDetector, ComparesOnlyWithinSenderRecipientAndLane) {
  ReorderDetector detector(9);
  EXPECT_FALSE(detector.observe(message_of(0, 1, 9)));
  EXPECT_FALSE(detector.observe(message_of(2, 1, 1)));
  EXPECT_FALSE(detector.observe(message_of(0, 2, 1)));
  EXPECT_FALSE(detector.observe(message_of(1, 0, 1)));
  EXPECT_FALSE(detector.observe(message_of(0, 1, 1, MessageType::urgent)));
  for (const MessageType type : {MessageType::text, MessageType::broadcast, MessageType::system}) {
    EXPECT_TRUE(detector.observe(message_of(0, 1, 1, type))) << "the same lane";
  }
}

TEST(ReorderDetector, IsExactForEveryTripleUpTo181Agents) {
  constexpr std::uint32_t kAgents = 181;
  ReorderDetector detector(kAgents);
  for (const std::uint64_t sequence : {1U, 0U}) {
    for (AgentId sender = 0; sender < kAgents; ++sender) {
      for (AgentId recipient = 0; recipient < kAgents; ++recipient) {
        for (const MessageType type : {MessageType::text, MessageType::urgent}) {
          ASSERT_EQ(detector.observe(message_of(sender, recipient, sequence, type)), sequence == 0);
        }
      }
    }
  }
}

TEST(ReorderDetector, NeverCountsTooManyBeyond) {
  constexpr std::uint32_t kAgents = 1000;
  ReorderDetector detector(kAgents);
  std::mt19937_64 random(4);
  std::map<std::array<std::uint64_t, 3>, std::uint64_t> highest;
  std::uint64_t found = 0;
  std::uint64_t exact = 0;
  for (int event = 0; event < 400'000; ++event) {
    // Mostly a few busy pairs, so that there is something to find; the others push them out.
    const std::uint64_t range = random() % 4 == 0 ? kAgents : 10;
    const Message message =
        message_of(static_cast<AgentId>(random() % range), static_cast<AgentId>(random() % range),
                   random() % 1000, static_cast<MessageType>(random() % kMessageTypes));
    std::uint64_t& next = highest[{message.sender, message.recipient,
                                   static_cast<std::uint64_t>(lane_of(message.type))}];
    const bool late = message.sequence + 1 < next;
    next = std::max(next, message.sequence + 1);
    exact += late ? 1U : 0U;
    if (detector.observe(message)) {
      ++found;
      ASSERT_TRUE(late) << "found what is none";
    }
  }
  EXPECT_LE(found, exact);
  EXPECT_GT(found, exact / 2) << "a bound, but a useful one";
}

}  // namespace
}  // namespace spate
