#include "spate/ledger.h"

#include <algorithm>
#include <bit>

#include "ledger_words.h"
#include "seen_word.h"

namespace spate {
namespace {

// Which of the 64 deliveries of a word were attempted.
std::uint64_t valid_bits(std::uint64_t attempted, std::uint64_t index) {
  const std::uint64_t begin = std::min(index * 64, attempted);
  const std::uint64_t count = attempted - begin;
  return count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
}

std::vector<const SeenSegments*> receivers_of(WorkerId sender,
                                              std::span<const SeenLedger* const> seen) {
  std::vector<const SeenSegments*> receivers;
  for (const SeenLedger* ledger : seen) {
    receivers.push_back(&ledger->of(sender));
  }
  return receivers;
}

// One beyond the last segment of which anybody saw something.
std::uint64_t end_of(const std::vector<const SeenSegments*>& receivers) {
  std::uint64_t end = 0;
  for (const SeenSegments* receiver : receivers) {
    end = std::max(end, receiver->end());
  }
  return end;
}

// The account of one sender's worker.
class Reconciliation {
 public:
  Reconciliation(const SentLedger& sent, WorkerId sender, std::span<const SeenLedger* const> seen,
                 FindingSink* sink)
      : sent_(sent),
        sender_(sender),
        receivers_(receivers_of(sender, seen)),
        sink_(sink),
        account_(sent.account()),
        open_(sent.open()) {}

  Account run() {
    account_.attempted = sent_.attempted();
    for (const SeenSegments* const receiver : receivers_) {
      add_late_sightings(*receiver);
    }
    open_.for_each(0, ~std::uint64_t{0}, [this](const OpenDeliveries::Entry& entry) {
      const bool acked = entry.settled && entry.outcome == Outcome::acked;
      add_word(account_, {acked ? 1U : 0U, 0}, entry.seen ? 1 : 0, 1,
               {sink_, sender_, entry.ordinal});
    });
    const std::uint64_t attempted = (sent_.attempted() + kSegmentBits - 1) / kSegmentBits;
    const std::uint64_t end = std::max(attempted, end_of(receivers_));
    for (std::uint64_t segment = sent_.released(); segment < end; ++segment) {
      add_segment(segment);
    }
    return account_;
  }

 private:
  // Of released segments, as SentLedger would have gone on.
  void add_late_sightings(const SeenSegments& receiver) {
    receiver.for_each_sighting([this](std::uint64_t ordinal) {
      OpenDeliveries::Entry* const entry = open_.find(ordinal);
      if (entry == nullptr || entry->seen) {
        ++account_.duplicated;
        tell(sink_, sender_, ordinal, 1, Finding::duplicated_elsewhere);
      } else {
        entry->seen = true;
      }
    });
  }

  void add_segment(std::uint64_t segment) {
    SeenByAll all(receivers_, segment, readings_);
    for (std::uint64_t at = 0; at < kSegmentWords; ++at) {
      const std::uint64_t index = segment * kSegmentWords + at;
      const WordListener listener{sink_, sender_, index * 64};
      const std::uint64_t valid = valid_bits(sent_.attempted(), index);
      const std::uint64_t seen = all.word(at, account_.duplicated, listener);
      account_.aliens += count_bits(seen & ~valid);
      add_word(account_, sent_.word(index), seen, valid, listener);
    }
  }

  const SentLedger& sent_;
  WorkerId sender_;
  std::vector<const SeenSegments*> receivers_;
  FindingSink* sink_;
  Account account_;
  OpenDeliveries open_;
  std::vector<SeenReading> readings_;
};

}  // namespace

Account& Account::operator+=(const Account& other) {
  for (const auto part :
       {&Account::attempted, &Account::acked_seen, &Account::lost, &Account::recovered,
        &Account::unknown, &Account::refused_unseen, &Account::anomalies, &Account::duplicated,
        &Account::reordered, &Account::aliens, &Account::corrupted, &Account::misreported}) {
    this->*part += other.*part;
  }
  return *this;
}

SeenLedger::SeenLedger(std::uint32_t workers, LedgerWindow window, Of of)
    : workers_(workers), of_(of), segments_(workers) {
  for (WorkerId sender = 0; sender < workers; ++sender) {
    segments_[sender].set_up(
        window.segments, of == Of::copies ? SeenSegments::Late::ignored : SeenSegments::Late::told);
  }
}

bool SeenLedger::mark_late(WorkerId sender, std::uint64_t ordinal) {
  if (of_ == Of::copies || segments_[sender].first_sighting(ordinal)) {
    return true;
  }
  count_duplicate(sender, ordinal);
  return false;
}

void SeenLedger::count_duplicate(WorkerId sender, std::uint64_t ordinal) {
  ++duplicated_;
  tell(sink_, sender, ordinal, 1, Finding::duplicated);
}

void SeenLedger::read_mail() {
  for (WorkerId sender = 0; sender < workers_; ++sender) {
    segments_[sender].read_mail();
  }
}

std::uint64_t count_duplicates(std::span<const SeenLedger* const> seen, std::uint32_t workers,
                               FindingSink* sink) {
  std::uint64_t count = 0;
  for (const SeenLedger* ledger : seen) {
    count += ledger->duplicated();
  }
  for (WorkerId sender = 0; sender < workers && !seen.empty(); ++sender) {
    const std::vector<const SeenSegments*> receivers = receivers_of(sender, seen);
    const std::uint64_t end = end_of(receivers);
    std::vector<SeenReading> readings;
    for (std::uint64_t segment = receivers.front()->released(); segment < end; ++segment) {
      SeenByAll all(receivers, segment, readings);
      for (std::uint64_t at = 0; at < kSegmentWords; ++at) {
        all.word(at, count, {sink, sender, (segment * kSegmentWords + at) * 64});
      }
    }
  }
  return count;
}

Account reconcile(std::span<const SentLedger* const> sent, std::span<const SeenLedger* const> seen,
                  FindingSink* sink) {
  Account account;
  for (const SeenLedger* ledger : seen) {
    account.duplicated += ledger->duplicated();
  }
  for (WorkerId sender = 0; sender < sent.size(); ++sender) {
    account += Reconciliation(*sent[sender], sender, seen, sink).run();
  }
  return account;
}

ReorderDetector::ReorderDetector(std::uint32_t agents) : agents_(agents) {
  const std::uint64_t triples = std::uint64_t{agents} * agents * kLanes;
  const std::uint64_t places = std::bit_ceil(std::min(triples, kMaxPlaces));
  mask_ = places - 1;
  places_.resize(places);
}

}  // namespace spate
