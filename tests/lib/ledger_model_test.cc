// The ledger where segments are released, against a map of everything.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "spate/ledger.h"
#include "support/ledger_books.h"

namespace spate {
namespace {

using namespace testing_support;

// Whatever comes early, late, twice or never, to whichever worker.
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
      ASSERT_EQ(books_.findings.times_duplicated(ordinal), duplicated_[ordinal]) << ordinal;
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

TEST(LedgerModel, AgreesWithAMapAfterRandomEvents) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    Model model(seed);
    model.run();
    model.check();
  }
}

}  // namespace
}  // namespace spate
