#include "spate/ledger.h"

#include <algorithm>
#include <bit>

namespace spate {
namespace {

// Most words are empty, and without the processor's own instruction counting is a call.
std::uint64_t count_bits(std::uint64_t word) {
  return word == 0 ? 0 : static_cast<std::uint64_t>(std::popcount(word));
}

// What all receiving workers together saw of 64 deliveries. A delivery that two workers saw was
// handed out twice, which neither of them could notice.
struct SeenWord {
  std::uint64_t once = 0;
  std::uint64_t seen_elsewhere = 0;  // how many sightings were not the first
};

SeenWord seen_word(std::span<const SeenLedger* const> seen, WorkerId sender, std::uint64_t index) {
  SeenWord all;
  for (const SeenLedger* ledger : seen) {
    const std::uint64_t word = ledger->word(sender, index);
    all.seen_elsewhere += count_bits(all.once & word);
    all.once |= word;
  }
  return all;
}

// Which of the 64 deliveries of a word were attempted.
std::uint64_t valid_bits(std::uint64_t attempted, std::uint64_t index) {
  const std::uint64_t begin = std::min(index * 64, attempted);
  const std::uint64_t count = attempted - begin;
  return count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
}

// As many words as anybody knows something of.
std::uint64_t words_of(std::span<const SeenLedger* const> seen, WorkerId sender,
                       std::uint64_t attempted) {
  std::uint64_t words = (attempted + 63) / 64;
  for (const SeenLedger* ledger : seen) {
    words = std::max(words, ledger->words(sender));
  }
  return words;
}

void add_word(Account& account, std::uint64_t acked_plane, std::uint64_t refused_plane,
              std::uint64_t seen, std::uint64_t valid) {
  const std::uint64_t acked = acked_plane & ~refused_plane & valid;
  const std::uint64_t refused = refused_plane & ~acked_plane & valid;
  const std::uint64_t unknown = ~(acked_plane ^ refused_plane) & valid;
  account.acked_seen += count_bits(acked & seen);
  account.lost += count_bits(acked & ~seen);
  account.recovered += count_bits(unknown & seen);
  account.unknown += count_bits(unknown & ~seen);
  account.refused_unseen += count_bits(refused & ~seen);
  account.anomalies += count_bits(refused & seen);
}

}  // namespace

std::uint64_t count_duplicates(std::span<const SeenLedger* const> seen, std::uint32_t workers) {
  std::uint64_t count = 0;
  for (const SeenLedger* ledger : seen) {
    count += ledger->duplicated();
  }
  for (WorkerId sender = 0; sender < workers; ++sender) {
    const std::uint64_t words = words_of(seen, sender, 0);
    for (std::uint64_t index = 0; index < words; ++index) {
      count += seen_word(seen, sender, index).seen_elsewhere;
    }
  }
  return count;
}

Account reconcile(std::span<const SentLedger* const> sent,
                  std::span<const SeenLedger* const> seen) {
  Account account;
  for (const SeenLedger* ledger : seen) {
    account.duplicated += ledger->duplicated();
  }
  for (WorkerId sender = 0; sender < sent.size(); ++sender) {
    const std::uint64_t attempted = sent[sender]->attempted();
    account.attempted += attempted;
    const std::uint64_t words = words_of(seen, sender, attempted);
    for (std::uint64_t index = 0; index < words; ++index) {
      const std::uint64_t valid = valid_bits(attempted, index);
      const SeenWord seen_here = seen_word(seen, sender, index);
      account.duplicated += seen_here.seen_elsewhere;
      account.aliens += count_bits(seen_here.once & ~valid);
      add_word(account, sent[sender]->acked_word(index), sent[sender]->refused_word(index),
               seen_here.once, valid);
    }
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
