// One message without any waiting: decide what becomes of it, draw its latency, record it, enter it
// in the ledger. And the same arithmetic written down bare, as the bound.
#include <benchmark/benchmark.h>

#include <array>
#include <bit>
#include <vector>

#include "micro.h"
#include "spate/agents.h"
#include "spate/chaos_verdict.h"
#include "spate/digest.h"
#include "spate/latency_recorder.h"
#include "spate/ledger.h"
#include "spate/mock_delivery.h"

namespace spate::bench {
namespace {

constexpr std::uint64_t kSeed = 1;
constexpr std::uint32_t kAgents = 9;
// The ledger starts again after so many messages, so that it stays of a fixed size.
constexpr std::uint64_t kRound = 1 << 16;

void decide_and_record(benchmark::State& state) {
  const Agents agents(kSeed, kAgents, TypeMix(TypeMix::Weights{1, 0, 1, 1}));
  const ChaosProfile chaos = ChaosProfile::on();
  const MockSettings mock;
  LatencyRecorder response;
  std::uint64_t digest = 0;
  Message message;
  while (keep_running(state, kRound)) {
    SentLedger sent;
    SeenLedger seen(1);
    for (std::uint64_t i = 0; i < kRound; ++i) {
      message.ordinal = i;
      message.sender = static_cast<AgentId>(i % kAgents);
      ++message.sequence;
      const MessageDraws draws = agents.draws(message.sender, message.sequence);
      const Intent intent = agents.intent(message.sender, draws);
      message.recipient = intent.recipient;
      message.type = intent.type;
      const ChaosVerdict verdict = chaos_verdict(chaos, draws, message.recipient);
      digest += digest_term(message, verdict.code());
      const MockVerdict outcome = mock_verdict(mock, draws, message.recipient);
      if (verdict.crash || !outcome.success) {
        sent.settle(message.ordinal, verdict.crash ? Outcome::crashed : Outcome::failed);
        continue;
      }
      sent.settle(message.ordinal, Outcome::acked);
      if (seen.mark(0, message.ordinal)) {
        response.record(verdict.spike_ns + outcome.latency_ns);
      }
    }
  }
  benchmark::DoNotOptimize(digest);
  benchmark::DoNotOptimize(response.count());
}

std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}
std::uint64_t high(std::uint64_t a, std::uint64_t b) {
  return static_cast<std::uint64_t>((Uint128{a} * b) >> 64);
}

// No types, no objects, no growth, no checks: arrays and integers.
void reference(benchmark::State& state) {
  constexpr auto kOnePercent = static_cast<std::uint64_t>(0.01 * 0x1p64);
  constexpr auto kFivePercent = static_cast<std::uint64_t>(0.05 * 0x1p64);
  constexpr auto kSuccess = static_cast<std::uint64_t>(0.95 * 0x1p64);
  std::vector<std::uint64_t> histogram(4608);
  std::uint64_t sum = 0;
  std::uint64_t digest = 0;
  std::uint64_t sequence = 0;
  std::vector<std::uint64_t> acked(kRound / 64);
  std::vector<std::uint64_t> refused(kRound / 64);
  std::vector<std::uint64_t> seen(kRound / 64);
  while (keep_running(state, kRound)) {
    std::fill(acked.begin(), acked.end(), 0);
    std::fill(refused.begin(), refused.end(), 0);
    std::fill(seen.begin(), seen.end(), 0);
    for (std::uint64_t i = 0; i < kRound; ++i) {
      const std::uint64_t sender = i % kAgents;
      const std::uint64_t base = mix(mix(kSeed + 3 * (sender + 1)) + 5 * ++sequence);
      const std::uint64_t type = high(mix(base + 7), 3);
      std::uint64_t recipient = high(mix(base + 14), kAgents - 1);
      recipient += recipient >= sender ? 1U : 0U;
      const bool crash = mix(base + 21 + 11 * recipient) < kOnePercent;
      std::uint64_t extra = 0;
      if (mix(base + 28 + 11 * recipient) < kFivePercent) {
        extra = 1 + high(mix(base + 35 + 11 * recipient), 500'000'000);
      }
      digest += mix(mix(mix((sender << 32) | recipient) + sequence) +
                    (extra * 2 + (crash ? 1U : 0U)) * 4 + type);
      const bool success = mix(base + 42 + 11 * recipient) < kSuccess;
      const std::uint64_t latency =
          1'000'000 + high(mix(base + 49 + 11 * recipient), 9'000'001) + extra;
      const std::uint64_t bit = std::uint64_t{1} << (i % 64);
      if (crash || !success) {
        refused[i / 64] |= bit;
        continue;
      }
      acked[i / 64] |= bit;
      if ((seen[i / 64] & bit) == 0) {
        seen[i / 64] |= bit;
        const int shift = 56 - std::countl_zero(latency | 255);
        ++histogram[(static_cast<std::size_t>(shift) << 7) + (latency >> shift)];
        sum += latency;
      }
    }
  }
  benchmark::DoNotOptimize(digest);
  benchmark::DoNotOptimize(sum);
  benchmark::DoNotOptimize(histogram.data());
}

}  // namespace

void register_decide_and_record() {
  benchmark::RegisterBenchmark("micro/decide_and_record", decide_and_record);
  benchmark::RegisterBenchmark("reference/decide_and_record", reference);
}

}  // namespace spate::bench
