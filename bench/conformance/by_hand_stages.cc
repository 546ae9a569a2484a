// What one thread finds out, one call at a time.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <ctime>
#include <vector>

#include "conformance/by_hand.h"
#include "conformance/trial.h"
#include "spate/clock.h"

namespace spate::bench {
namespace {

constexpr const char* kEmpty = "by hand, with nothing in it";
constexpr const char* kToAndFro = "by hand, one worker to and fro";
constexpr const char* kWaiting = "by hand, with all of them waiting";
constexpr const char* kFull = "by hand, until it is full";

// Of a call that waits, one or the other: it sleeps, or it spins. Neither is the machine's doing:
// who has no processor neither sleeps nor has its time.
constexpr std::int64_t kShortestSleepNs = kMillisecondNs / 2;
constexpr std::int64_t kShortestSpinNs = 2 * kMillisecondNs;

std::int64_t own_time_ns() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * kSecondNs + time.tv_nsec;
}
long own_sleeps() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nvcsw;
}

// Calls that should return at once, because there is nothing that they could do.
class Idleness {
 public:
  template <class Action>
  void call(Action&& action) {
    const std::int64_t begin_ns = clock_.now_ns();
    const std::int64_t time_ns = own_time_ns();
    const long sleeps = own_sleeps();
    action();
    const std::int64_t took_ns = clock_.now_ns() - begin_ns;
    const bool slept = own_sleeps() > sleeps && took_ns >= kShortestSleepNs;
    const bool spun = own_time_ns() - time_ns >= kShortestSpinNs;
    ++calls_;
    if (slept || spun) {
      ++waits_;
      longest_ns_ = std::max(longest_ns_, took_ns);
    }
  }
  // Enough is known: most of the calls wait, or hardly any.
  bool decided() const { return calls_ == kMost || (waits_ >= kFew && 2 * waits_ > calls_); }
  void tell(Trial& trial, const char* where, const char* what) const {
    if (waits_ >= kFew && 2 * waits_ > calls_) {
      trial.found(Clause::returns,
                  fmt::format("{}: {} waits instead of returning 0: {} of {} calls did, for up to "
                              "{:.1f} ms",
                              where, what, waits_, calls_,
                              static_cast<double>(longest_ns_) / kMillisecondNs));
    }
  }

 private:
  static constexpr int kMost = 20;
  static constexpr int kFew = 3;
  SteadyClock clock_;
  int calls_ = 0;
  int waits_ = 0;
  std::int64_t longest_ns_ = 0;
};

template <class Action>
void expect_no_wait(Trial& trial, const char* where, const char* what, Action&& action) {
  Idleness idleness;
  while (!idleness.decided()) {
    idleness.call(action);
  }
  idleness.tell(trial, where, what);
}

void with_nothing_in_it(Trial& trial) {
  ByHand hand(trial, 1);
  std::uint64_t received = 0;
  std::uint64_t settled = 0;
  expect_no_wait(trial, kEmpty, "try_receive", [&] { received += hand.receive().size(); });
  expect_no_wait(trial, kEmpty, "poll", [&] { settled += hand.settle(); });
  expect_no_wait(trial, kEmpty, "try_send of nothing", [&] { static_cast<void>(hand.offer({})); });
  if (received > 0) {
    trial.found(Clause::sent,
                fmt::format("{}: {} messages arrived before any was sent", kEmpty, received));
  }
  if (settled > 0) {
    trial.found(Clause::settles, fmt::format("{}: {} settlements came before any message was sent",
                                             kEmpty, settled));
  }
  hand.tell(kEmpty);
}

// A batch is looked at after the next one has been sent: its bytes are to stay for so long.
void to_and_fro(Trial& trial) {
  constexpr std::uint64_t kMessages = 5000;
  ByHand hand(trial, kMessages);
  const SteadyClock clock;
  std::int64_t last_ns = clock.now_ns();
  std::size_t most = 1;  // of a call: each number of places in turn
  while (hand.sent() < kMessages && clock.now_ns() - last_ns < kPatienceNs) {
    most = most % ByHand::kBatch + 1;
    const std::span<const Received> batch = hand.receive(most);
    const std::size_t sent = hand.send(most);
    hand.look_at(batch);
    if (batch.size() + sent + hand.settle() > 0) {
      last_ns = clock.now_ns();
    }
  }
  if (hand.sent() < kMessages) {
    trial.found(Clause::bound, fmt::format("{}: it took {} messages and no more, though what came "
                                           "was received and what was settled was polled",
                                           kToAndFro, hand.sent()));
  }
  hand.finish();
  hand.tell(kToAndFro);
}

// All wait at once, for one call after the other.
void urgent_first(Trial& trial) {
  constexpr std::uint64_t kMessages = 64;
  ByHand hand(trial, kMessages);
  const SteadyClock clock;
  std::int64_t last_ns = clock.now_ns();
  while ((hand.sent() < kMessages || !hand.all_settled()) &&
         clock.now_ns() - last_ns < kPatienceNs) {
    hand.send();
    hand.settle();
  }
  last_ns = clock.now_ns();
  std::uint64_t urgent = 0;
  for (std::uint64_t number = 0; number < hand.sent(); ++number) {
    urgent += trial_message(number).type == MessageType::urgent ? 1U : 0U;
  }
  std::uint64_t come = 0;
  std::uint64_t too_early = 0;
  while (come < hand.sent() && clock.now_ns() - last_ns < kPatienceNs) {
    const std::span<const Received> batch = hand.receive(7);
    for (const Received& received : batch) {
      const bool is_urgent = received.message.type == MessageType::urgent;
      urgent -= is_urgent && urgent > 0 ? 1U : 0U;
      too_early += !is_urgent && urgent > 0 ? 1U : 0U;
    }
    come += batch.size();
    last_ns = batch.empty() ? last_ns : clock.now_ns();
    hand.look_at(batch);
  }
  if (too_early > 0) {
    trial.found(
        Clause::urgent,
        fmt::format("{}: {} normal messages came before the last urgent one", kWaiting, too_early));
  }
  hand.finish();
  hand.tell(kWaiting);
}

// True when nothing more is taken, how often ever it is offered.
bool fill(ByHand& hand) {
  constexpr int kTries = 100;
  for (int tries = 0; tries < kTries;) {
    const std::size_t sent =
        hand.send(std::min<std::uint64_t>(ByHand::kBatch, kMostInTrial - hand.sent()));
    const std::size_t settled = hand.settle();
    if (hand.sent() >= kMostInTrial) {
      return false;
    }
    tries = sent + settled > 0 ? 0 : tries + 1;
  }
  return true;
}

void until_it_is_full(Trial& trial) {
  ByHand hand(trial, kMostInTrial + ByHand::kBatch);  // some more for when there is room again
  const bool full = fill(hand);
  if (!full) {
    trial.found(
        Clause::bound,
        fmt::format("{}: it took {} messages that nobody received, far more than its setup's "
                    "capacity: it grows without a bound, as long as memory lasts",
                    kFull, hand.sent()));
  } else {
    expect_no_wait(trial, kFull, "try_send", [&] { hand.send(1); });
  }
  hand.finish();
  const std::uint64_t held = hand.sent();
  if (full && hand.all_here()) {
    const SteadyClock clock;
    const std::int64_t begin_ns = clock.now_ns();
    while (hand.sent() == held && clock.now_ns() - begin_ns < kPatienceNs) {
      hand.receive_and_look();
      hand.settle();
      hand.send();
    }
    if (hand.sent() == held) {
      trial.found(Clause::bound, fmt::format("{}: after it held {} messages and all of them were "
                                             "received, it took no more",
                                             kFull, held));
    }
    hand.finish();
  }
  hand.tell(kFull);
}

}  // namespace

std::vector<Stage> by_hand_stages() {
  return {
      {kEmpty, with_nothing_in_it, {}},
      {kToAndFro, to_and_fro, {Clause::copies, Clause::bytes, Clause::order}},
      {kWaiting, urgent_first, {Clause::urgent}},
      {kFull, until_it_is_full, {Clause::bound}},
  };
}

}  // namespace spate::bench
