// The ledger where segments are released: an account that is as exact as if nothing had been.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <optional>

#include "spate/chaos_marks.h"
#include "spate/ledger.h"
#include "support/ledger_books.h"

namespace spate {
namespace {

using namespace testing_support;

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

    expect(books, fate, ordinal, seen_first);
  }

  // A refusal that is seen is an anomaly where the ledger knows of it in time, else a duplicate: if
  // it was seen before the release; or if the sender was told before it refused it, for which the
  // receiving worker must have noticed the release.
  static bool an_anomaly(const Fate& fate, bool seen_first) {
    return fate.seen == When::early ||
           (fate.settled == When::gone && (fate.seen == When::released || seen_first));
  }

  static void expect(Books& books, const Fate& fate, std::uint64_t ordinal, bool seen_first) {
    const Account account = books.account();
    EXPECT_TRUE(account.balanced());
    EXPECT_EQ(account.attempted, books.next);
    std::array<std::uint64_t, 6> others{};
    others[4] = kSmall.segments * kSegmentBits - ordinal % kSegmentBits;
    others[0] = books.next - 1 - others[4];
    const std::optional<Outcome> outcome =
        fate.settled == When::never ? std::nullopt : std::optional<Outcome>(fate.outcome);
    bool seen = fate.seen != When::never;
    const bool duplicate = class_of(outcome, seen) == 5 && !an_anomaly(fate, seen_first);
    EXPECT_EQ(account.duplicated, duplicate ? 1U : 0U);
    EXPECT_EQ(books.findings.times_duplicated(ordinal), account.duplicated);
    seen = seen && !duplicate;
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
  EXPECT_EQ(books.findings.total(Finding::duplicated_elsewhere), 0U);
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
    EXPECT_EQ(books.findings.times(Finding::duplicated_elsewhere, 9), 1U);
    EXPECT_EQ(books.findings.times(Finding::duplicated_elsewhere, 70), 1U);
    EXPECT_EQ(books.findings.total(Finding::duplicated), 0U) << "nobody knows when";
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
  EXPECT_EQ(books.findings.times(Finding::duplicated, 1), 1U);
  EXPECT_EQ(books.findings.times(Finding::duplicated_elsewhere, 2), 1U);
  books.deliver_to(4 * kSegmentBits, 0);
  EXPECT_TRUE(books.copies[1].mark(0, 4)) << "late, and nobody knows whether it is the first";
  EXPECT_EQ(books.account().duplicated, 2U);
  books.copies[0].mark(0, 3 * kSegmentBits);
  books.copies[1].mark(0, 3 * kSegmentBits);
  EXPECT_EQ(books.account().duplicated, 3U);
  EXPECT_EQ(books.findings.times(Finding::duplicated_elsewhere, 3 * kSegmentBits), 1U);
  EXPECT_TRUE(books.account().balanced());
  books.copies[0].mark(0, 5 * kSegmentBits);
  books.copies[0].mark(0, 6 * kSegmentBits);
  for (const SeenLedger& copies : books.copies) {
    copies.of(0).for_each_sighting([](std::uint64_t ordinal) {
      ADD_FAILURE() << ordinal << " is mail that nobody would ever take";
    });
  }
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
