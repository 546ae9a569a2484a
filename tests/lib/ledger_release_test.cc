// The ledger where segments are released: an account that is as exact as if nothing had been.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "spate/chaos_marks.h"
#include "spate/ledger.h"

namespace spate {
namespace {

constexpr LedgerWindow kSmall{.segments = 2, .most_open = 1 << 20};

struct Findings : FindingSink {
  void found(WorkerId /*sender*/, std::uint64_t ordinal, Finding finding) noexcept override {
    ++told[{finding, ordinal}];
  }
  std::uint64_t times(Finding finding, std::uint64_t ordinal) const {
    const auto at = told.find({finding, ordinal});
    return at == told.end() ? 0 : at->second;
  }
  std::uint64_t total(Finding finding) const {
    std::uint64_t sum = 0;
    for (const auto& [what, times] : told) {
      sum += what.first == finding ? times : 0;
    }
    return sum;
  }
  std::map<std::pair<Finding, std::uint64_t>, std::uint64_t> told;
};

// One sender's worker, and whoever receives.
struct Books {
  explicit Books(std::uint32_t receivers, LedgerWindow window = kSmall) : sent(window) {
    std::vector<SeenLedger*> watched;
    std::vector<SeenLedger*> watched_copies;
    for (std::uint32_t receiver = 0; receiver < receivers; ++receiver) {
      seen.emplace_back(1, window);
      copies.emplace_back(1, window, SeenLedger::Of::copies);
    }
    for (std::uint32_t receiver = 0; receiver < receivers; ++receiver) {
      seen[receiver].report_to(&findings);
      watched.push_back(&seen[receiver]);
      watched_copies.push_back(&copies[receiver]);
    }
    sent.watch(0, watched, watched_copies);
    sent.report_to(&findings);
  }

  // All up to there that are not yet: refused, so that they are over.
  void refuse_to(std::uint64_t end) {
    for (; next < end; ++next) {
      sent.settle(next, Outcome::failed);
    }
  }
  // Likewise, acked, and seen by that worker.
  void deliver_to(std::uint64_t end, std::size_t receiver) {
    for (; next < end; ++next) {
      sent.settle(next, Outcome::acked);
      ASSERT_TRUE(seen[receiver].mark(0, next));
    }
  }

  Account account() {
    sent.close(next);
    std::vector<const SeenLedger*> all;
    std::vector<const SeenLedger*> all_copies;
    for (const SeenLedger& one : seen) {
      all.push_back(&one);
    }
    for (const SeenLedger& one : copies) {
      all_copies.push_back(&one);
    }
    const std::array all_sent{static_cast<const SentLedger*>(&sent)};
    Account account = reconcile(all_sent, all, &findings);
    account.duplicated += count_duplicates(all_copies, 1);
    return account;
  }

  Findings findings;
  SentLedger sent;
  std::vector<SeenLedger> seen;
  std::vector<SeenLedger> copies;
  std::uint64_t next = 0;
};

// When something happens to the one delivery that is looked at.
enum class When {
  never,
  early,     // before its segment is released
  released,  // afterwards; the receiving worker has not noticed
  gone,      // when the receiving worker's place has been used again
};
constexpr std::array kWhen{When::never, When::early, When::released, When::gone};

struct Fate {
  When settled;
  Outcome outcome;
  When seen;
};

// Six classes, as the account counts them.
std::array<std::uint64_t, 6> classes_of(const Account& account) {
  return {account.acked_seen, account.lost,           account.recovered,
          account.unknown,    account.refused_unseen, account.anomalies};
}

std::size_t class_of(std::optional<Outcome> outcome, bool seen) {
  const bool unknown = !outcome || *outcome == Outcome::unknown;
  if (!unknown && *outcome != Outcome::acked) {
    return seen ? 5 : 4;
  }
  return unknown ? (seen ? 2 : 3) : (seen ? 0 : 1);
}

class EveryFate : public testing::TestWithParam<Outcome> {
 protected:
  // `first`: of receiving and settling, where both come at one time.
  static void check(const Fate& fate, std::uint64_t ordinal, bool seen_first) {
    Books books(2);
    books.deliver_to(ordinal, 0);
    ++books.next;
    books.sent.reach(books.next);
    const auto happen = [&](When now) {
      const auto see = [&] {
        if (fate.seen == now) {
          books.seen[1].mark(0, ordinal);
        }
      };
      if (seen_first) {
        see();
      }
      if (fate.settled == now) {
        EXPECT_TRUE(books.sent.settle(ordinal, fate.outcome));
        EXPECT_FALSE(books.sent.settle(ordinal, Outcome::acked)) << "twice";
      }
      if (!seen_first) {
        see();
      }
    };
    books.seen[1].of(0).reserve(2);
    books.seen[1].of(0).word_of(ordinal);  // its place is there
    happen(When::early);
    const std::uint64_t segment = ordinal / kSegmentBits;
    books.refuse_to((segment + kSmall.segments) * kSegmentBits + 1);
    happen(When::released);
    books.deliver_to(books.next + kSegmentBits, 1);  // its place is used again
    happen(When::gone);
    if (fate.settled != When::never) {
      EXPECT_FALSE(books.sent.settle(ordinal, fate.outcome)) << "twice";
    }

    expect(books, fate, ordinal);
  }

  static void expect(Books& books, const Fate& fate, std::uint64_t ordinal) {
    const Account account = books.account();
    EXPECT_TRUE(account.balanced());
    EXPECT_EQ(account.attempted, books.next);
    std::array<std::uint64_t, 6> others{};
    others[4] = kSmall.segments * kSegmentBits - ordinal % kSegmentBits;
    others[0] = books.next - 1 - others[4];
    const std::optional<Outcome> outcome =
        fate.settled == When::never ? std::nullopt : std::optional<Outcome>(fate.outcome);
    bool seen = fate.seen != When::never;
    // A refusal that is seen after the release is either of two things, but one of them.
    if (class_of(outcome, seen) == 5 && fate.seen > When::early && account.anomalies == 0) {
      EXPECT_EQ(account.duplicated, 1U);
      seen = false;
    } else {
      EXPECT_EQ(account.duplicated, 0U);
    }
    ++others[class_of(outcome, seen)];
    EXPECT_EQ(classes_of(account), others);
    const std::size_t belongs = class_of(outcome, seen);
    EXPECT_EQ(books.findings.times(Finding::lost, ordinal), belongs == 1 ? 1U : 0U);
    EXPECT_EQ(books.findings.times(Finding::recovered, ordinal), belongs == 2 ? 1U : 0U);
    EXPECT_EQ(books.findings.times(Finding::unknown, ordinal), belongs == 3 ? 1U : 0U);
    EXPECT_EQ(books.findings.total(Finding::lost) + books.findings.total(Finding::recovered) +
                  books.findings.total(Finding::unknown),
              belongs >= 1 && belongs <= 3 ? 1U : 0U);
  }
};
INSTANTIATE_TEST_SUITE_P(Outcomes, EveryFate,
                         testing::Values(Outcome::acked, Outcome::unknown, Outcome::failed,
                                         Outcome::crashed, Outcome::rejected));

TEST_P(EveryFate, IsCountedOnceWheneverItHappens) {
  for (const std::uint64_t ordinal :
       {std::uint64_t{0}, std::uint64_t{63}, kSegmentBits - 1, kSegmentBits + 64}) {
    for (const When settled : kWhen) {
      for (const When seen : kWhen) {
        for (const bool seen_first : {false, true}) {
          SCOPED_TRACE(testing::Message()
                       << "ordinal " << ordinal << " settled " << static_cast<int>(settled)
                       << " seen " << static_cast<int>(seen) << " first " << seen_first);
          check({settled, GetParam(), seen}, ordinal, seen_first);
        }
      }
    }
  }
}

TEST(LedgerRelease, CountsAnotherSightingOfWhatIsReleased) {
  Books books(2);
  books.deliver_to(2 * kSegmentBits + 1, 0);
  EXPECT_FALSE(books.seen[0].mark(0, 5)) << "its place is gone, and it was seen";
  EXPECT_FALSE(books.seen[0].mark(0, 5));
  EXPECT_FALSE(books.seen[1].mark(0, 7)) << "another worker is late to see it";
  const Account account = books.account();
  EXPECT_EQ(account.duplicated, 3U);
  EXPECT_EQ(account.acked_seen, books.next);
  EXPECT_EQ(books.findings.times(Finding::duplicated, 5), 2U);
  EXPECT_EQ(books.findings.times(Finding::duplicated, 7), 1U);
}

// The two workers have their places still: neither knows of the other, but the sender does.
TEST(LedgerRelease, CountsWhatTwoWorkersSawBeforeOrAfter) {
  for (const bool before : {true, false}) {
    Books books(2);
    books.deliver_to(kSegmentBits, 0);
    EXPECT_TRUE(books.seen[1].mark(0, 9));
    if (before) {
      EXPECT_TRUE(books.seen[1].mark(0, 70));
    }
    books.refuse_to(2 * kSegmentBits + 1);
    EXPECT_EQ(books.sent.released(), 1U);
    if (!before) {
      EXPECT_TRUE(books.seen[1].mark(0, 70)) << "it cannot know";
    }
    EXPECT_EQ(books.account().duplicated, 2U) << "nothing used the place again";
    books.deliver_to(4 * kSegmentBits, 1);
    EXPECT_EQ(books.account().duplicated, 2U);
    EXPECT_EQ(books.account().acked_seen, 3 * kSegmentBits - 1);
  }
}

TEST(LedgerRelease, CountsWhatTwoWorkersAreLateToSee) {
  Books books(3);
  books.sent.settle(0, Outcome::acked);
  books.next = 1;
  books.deliver_to(4 * kSegmentBits, 0);
  EXPECT_TRUE(books.seen[1].mark(0, 0));
  EXPECT_TRUE(books.seen[2].mark(0, 0)) << "it was not told yet";
  EXPECT_FALSE(books.seen[2].mark(0, 0));
  EXPECT_EQ(books.account().duplicated, 2U);
  books.sent.read_sightings();
  books.seen[0].read_mail();
  EXPECT_FALSE(books.seen[0].mark(0, 0)) << "it was told";
  const Account account = books.account();
  EXPECT_EQ(account.duplicated, 3U);
  EXPECT_EQ(account.acked_seen, books.next);
  EXPECT_EQ(books.findings.total(Finding::lost), 0U);
}

// A worker that stood still for a long time, with a place of long ago.
TEST(LedgerRelease, ForgetsNothingOfAWorkerThatStoodStill) {
  Books books(2);
  books.deliver_to(100, 1);
  books.sent.settle(100, Outcome::acked);
  ++books.next;
  books.deliver_to(20 * kSegmentBits, 0);
  EXPECT_FALSE(books.seen[1].mark(0, 99));
  EXPECT_TRUE(books.seen[1].mark(0, 100));
  EXPECT_FALSE(books.seen[1].mark(0, 100));
  books.deliver_to(21 * kSegmentBits, 1);
  EXPECT_FALSE(books.seen[1].mark(0, 100));
  EXPECT_FALSE(books.seen[1].mark(0, 99));
  const Account account = books.account();
  EXPECT_EQ(account.acked_seen, books.next);
  EXPECT_EQ(account.duplicated, 4U);
}

TEST(LedgerRelease, TakesWhatIsTooMuchToKeepForWhatItIs) {
  Books books(1, {.segments = 2, .most_open = 3});
  for (; books.next < 6; ++books.next) {
    books.sent.settle(books.next, Outcome::acked);
  }
  books.deliver_to(4 * kSegmentBits, 0);
  EXPECT_EQ(books.sent.open().size(), 3U);
  EXPECT_EQ(books.findings.total(Finding::lost), 3U);
  EXPECT_TRUE(books.seen[0].mark(0, 2)) << "kept";
  EXPECT_FALSE(books.seen[0].mark(0, 3)) << "beyond what is kept";
  const Account account = books.account();
  EXPECT_TRUE(account.balanced());
  EXPECT_EQ(account.lost, 5U);
  EXPECT_EQ(account.duplicated, 1U);
}

TEST(LedgerRelease, CountsCopiesThatCameTwice) {
  Books books(2);
  books.copies[0].mark(0, 1);
  books.copies[0].mark(0, 1);
  books.copies[0].mark(0, 2);
  books.copies[1].mark(0, 2);
  books.copies[1].mark(0, 3);
  EXPECT_EQ(books.account().duplicated, 2U);
  books.deliver_to(4 * kSegmentBits, 0);
  EXPECT_TRUE(books.copies[1].mark(0, 4)) << "late, and nobody knows whether it is the first";
  EXPECT_EQ(books.account().duplicated, 2U);
  books.copies[0].mark(0, 3 * kSegmentBits);
  books.copies[1].mark(0, 3 * kSegmentBits);
  EXPECT_EQ(books.account().duplicated, 3U);
  EXPECT_TRUE(books.account().balanced());
}

TEST(LedgerRelease, GivesTheSameAccountTwice) {
  Books books(2);
  books.sent.settle(books.next++, Outcome::acked);
  books.sent.settle(books.next++, Outcome::unknown);
  books.deliver_to(3 * kSegmentBits, 0);
  books.seen[1].mark(0, 0);
  const Account once = books.account();
  const Account again = books.account();
  EXPECT_EQ(classes_of(once), classes_of(again));
  EXPECT_EQ(once.duplicated, again.duplicated);
}

// Against a map of everything, whatever comes early, late, twice or never, to whichever worker.
class Model {
 public:
  explicit Model(std::uint64_t seed) : random_(seed), books_(kReceivers) {}

  void run() {
    while (books_.next < kDeliveries) {
      const std::uint64_t ordinal = books_.next++;
      books_.sent.reach(books_.next);
      outcomes_.emplace_back();
      sightings_.push_back(0);
      if (random_() % 64 != 0) {
        settle(ordinal, Outcome::acked);
        see(ordinal, random_() % kReceivers);
      } else {
        plan(ordinal);
      }
      for (; !due_.empty() && due_.begin()->first <= books_.next; due_.erase(due_.begin())) {
        happen(due_.begin()->second);
      }
    }
  }

  void check() {
    const Account account = books_.account();
    std::array<std::uint64_t, 6> expected{};
    for (std::uint64_t ordinal = 0; ordinal < kDeliveries; ++ordinal) {
      const std::size_t belongs = class_of(outcomes_[ordinal], sightings_[ordinal] > 0);
      ++expected[belongs];
      for (const auto& [finding, index] :
           {std::pair{Finding::lost, 1U}, std::pair{Finding::recovered, 2U},
            std::pair{Finding::unknown, 3U}}) {
        ASSERT_EQ(books_.findings.times(finding, ordinal), belongs == index ? 1U : 0U) << ordinal;
      }
      ASSERT_LE(books_.findings.times(Finding::duplicated, ordinal), duplicated_[ordinal]);
    }
    std::uint64_t duplicated = 0;
    for (const auto& [ordinal, times] : duplicated_) {
      duplicated += times;
    }
    EXPECT_EQ(classes_of(account), expected);
    EXPECT_EQ(account.duplicated, duplicated);
    EXPECT_GT(duplicated, 1000U);
    for (const std::uint64_t count : expected) {
      EXPECT_GT(count, 20U) << "every class is met";
    }
  }

 private:
  static constexpr std::uint32_t kReceivers = 3;
  static constexpr std::uint64_t kDeliveries = 9 * kSegmentBits + 77;

  struct Event {
    std::uint64_t ordinal;
    std::optional<Outcome> outcome;  // else a sighting
    std::size_t receiver;
  };

  void plan(std::uint64_t ordinal) {
    const std::uint64_t settlements = random_() % 3;
    for (std::uint64_t i = 0; i < settlements; ++i) {
      due_.emplace(later(), Event{ordinal, static_cast<Outcome>(random_() % 5), 0});
    }
    const std::uint64_t sightings = random_() % 4;
    for (std::uint64_t i = 0; i < sightings; ++i) {
      due_.emplace(later(), Event{ordinal, std::nullopt, random_() % kReceivers});
    }
  }
  std::uint64_t later() {
    return books_.next + (random_() % 2 == 0 ? random_() % 1000 : random_() % (4 * kSegmentBits));
  }
  void happen(const Event& event) {
    if (event.outcome) {
      settle(event.ordinal, *event.outcome);
    } else {
      see(event.ordinal, event.receiver);
    }
  }

  bool released(std::uint64_t ordinal) const {
    return ordinal / kSegmentBits < books_.sent.released();
  }
  bool over(std::uint64_t ordinal) const {
    const std::optional<Outcome>& outcome = outcomes_[ordinal];
    return outcome && ((*outcome != Outcome::acked && *outcome != Outcome::unknown) ||
                       sightings_[ordinal] > 0);
  }

  void settle(std::uint64_t ordinal, Outcome outcome) {
    if (late_.contains(ordinal)) {
      outcome = Outcome::acked;  // refused, it would be either of two things: see EveryFate
    }
    ASSERT_EQ(books_.sent.settle(ordinal, outcome), !outcomes_[ordinal].has_value());
    if (!outcomes_[ordinal]) {
      outcomes_[ordinal] = outcome;
    }
  }
  void see(std::uint64_t ordinal, std::size_t receiver) {
    const bool refused = outcomes_[ordinal] && *outcomes_[ordinal] != Outcome::acked &&
                         *outcomes_[ordinal] != Outcome::unknown;
    if (released(ordinal) && !outcomes_[ordinal]) {
      late_.insert(ordinal);
    }
    books_.seen[receiver].mark(0, ordinal);
    if (sightings_[ordinal] > 0 || (released(ordinal) && refused)) {
      ++duplicated_[ordinal];
    } else {
      ++sightings_[ordinal];
    }
  }

  std::mt19937_64 random_;
  Books books_;
  std::vector<std::optional<Outcome>> outcomes_;
  std::vector<std::uint32_t> sightings_;
  std::map<std::uint64_t, std::uint64_t> duplicated_;
  std::set<std::uint64_t> late_;  // first seen when it was released and not settled
  std::multimap<std::uint64_t, Event> due_;
};

TEST(LedgerRelease, AgreesWithAMapAfterRandomEvents) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    Model model(seed);
    model.run();
    model.check();
  }
}

// Of chaos's copies, what their sender knows.

TEST(CopyAccount, SettlesEachCopyOnceHoweverLate) {
  CopyAccount copies(kSmall);
  for (std::uint64_t ordinal = 0; ordinal < 6 * kSegmentBits; ordinal += 3) {
    copies.made(ordinal);
    if (ordinal % 9 != 0) {
      ASSERT_TRUE(copies.settle(ordinal));
    }
  }
  std::uint64_t open = copies.open();
  EXPECT_EQ(open, (6 * kSegmentBits + 8) / 9);
  for (std::uint64_t ordinal = 0; ordinal < 7 * kSegmentBits; ++ordinal) {
    const bool expected = ordinal % 9 == 0 && ordinal < 6 * kSegmentBits;
    ASSERT_EQ(copies.settle(ordinal), expected) << ordinal;
    ASSERT_FALSE(copies.settle(ordinal)) << "twice";
    open -= expected ? 1 : 0;
  }
  EXPECT_EQ(copies.open(), 0U);
  EXPECT_EQ(open, 0U);
}

}  // namespace
}  // namespace spate
