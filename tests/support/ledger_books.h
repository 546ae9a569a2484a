// Ledgers of one sender's worker and of those that receive, with a window that is soon full.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "spate/ledger.h"

namespace spate::testing_support {

inline constexpr LedgerWindow kSmall{.segments = 2, .most_open = 1 << 20};

struct Findings : FindingSink {
  void found(WorkerId /*sender*/, std::uint64_t ordinal, Finding finding) noexcept override {
    ++told[{finding, ordinal}];
  }
  std::uint64_t times(Finding finding, std::uint64_t ordinal) const {
    const auto at = told.find({finding, ordinal});
    return at == told.end() ? 0 : at->second;
  }
  // Whoever found it.
  std::uint64_t times_duplicated(std::uint64_t ordinal) const {
    return times(Finding::duplicated, ordinal) + times(Finding::duplicated_elsewhere, ordinal);
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
      copies[receiver].report_to(&findings);
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
    account.duplicated += count_duplicates(all_copies, 1, &findings);
    return account;
  }

  Findings findings;
  SentLedger sent;
  std::vector<SeenLedger> seen;
  std::vector<SeenLedger> copies;
  std::uint64_t next = 0;
};

// Six classes, as the account counts them.
inline std::array<std::uint64_t, 6> classes_of(const Account& account) {
  return {account.acked_seen, account.lost,           account.recovered,
          account.unknown,    account.refused_unseen, account.anomalies};
}

inline std::size_t class_of(std::optional<Outcome> outcome, bool seen) {
  const bool unknown = !outcome || *outcome == Outcome::unknown;
  if (!unknown && *outcome != Outcome::acked) {
    return seen ? 5 : 4;
  }
  return unknown ? (seen ? 2 : 3) : (seen ? 0 : 1);
}

}  // namespace spate::testing_support
