// Deliveries that break their contract in ways that no ledger sees: they wait, crash, keep what
// they were lent, have no bound. Each is a deque behind a mutex, with one flaw.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "spate/chaos_marks.h"
#include "spate/delivery.h"
#include "spate/delivery_setup.h"

namespace spate::conformance {

enum class Flaw : std::uint8_t {
  none,
  waits_when_empty,   // try_receive, until there is something
  sleeps_when_empty,  // try_receive, for 5 ms
  spins_when_empty,   // try_receive, for 5 ms of its time
  crawls,             // try_receive, always for 100 ms
  waits_when_full,    // try_send, until there is room
  hangs_at_the_end,   // the destructor
  throws_at_first,    // the constructor
  throws_in_between,  // try_send, at the thousandth message
  aborts,             // try_receive, at the thousandth message
  exits,              // the same, with exit code 7
  exits_with_0,
  handle_hangs,       // a producer's destructor
  cuts_what_is_long,  // bytes beyond 4 KiB
  repeats_later,      // the last message, 10 ms after it
  receives_too_many,  // try_receive says one more than there are places
  takes_too_many,     // try_send says one more than it was offered
  keeps_the_span,
  one_lane,          // urgent messages wait in the queue as all others
  has_no_bound,      //
  full_for_good,     // once it was full it takes no more
  forgets_marks,     // settles with the ordinal that it would have without chaos
  swaps_recipient,   // hands out with sender and recipient exchanged
  bytes_of_another,  // hands out bytes that the next sends write over
  leaves_messages,   // to the delivery that is made next
};

template <Flaw kFlaw>
class FlawedDelivery {
  struct Parcel {
    Message message;
    const Message* lent = nullptr;
    std::vector<std::byte> content;
    std::uint64_t checksum = 0;
  };
  struct Inbox {
    std::mutex mutex;
    std::condition_variable change;
    std::array<std::deque<Parcel>, kLanes> lanes;
    std::vector<std::byte> last_content;
    bool was_full = false;
    std::uint64_t received = 0;

    std::size_t size() const { return lanes[0].size() + lanes[1].size(); }
  };

 public:
  explicit FlawedDelivery(const DeliverySetup& setup)
      : inboxes_(setup.plan.workers),
        capacity_(kFlaw == Flaw::has_no_bound ? std::numeric_limits<std::size_t>::max()
                                              : setup.capacity),
        payloads_(setup.payloads) {
    if (kFlaw == Flaw::throws_at_first) {
      throw std::runtime_error("no server at all");
    }
    if (kFlaw == Flaw::leaves_messages) {
      inboxes_[0].lanes.swap(left_over_);
    }
  }
  ~FlawedDelivery() {
    while (kFlaw == Flaw::hangs_at_the_end) {
      std::this_thread::sleep_for(std::chrono::hours(1));
    }
    if (kFlaw == Flaw::leaves_messages) {
      inboxes_[0].lanes.swap(left_over_);
    }
  }
  FlawedDelivery(const FlawedDelivery&) = delete;
  FlawedDelivery& operator=(const FlawedDelivery&) = delete;

  class Producer {
   public:
    explicit Producer(FlawedDelivery& delivery) : delivery_(&delivery) {
      if (kFlaw == Flaw::handle_hangs) {
        hangs_ = std::make_unique<Hangs>();
      }
    }

    std::size_t try_send(std::span<const Message> batch) noexcept {
      std::size_t taken = 0;
      while (taken < batch.size() && delivery_->push(batch[taken])) {
        settled_.push_back(settled(batch[taken++], Outcome::acked));
        if (kFlaw == Flaw::forgets_marks) {
          settled_.back().ordinal = ordinal_of(settled_.back().ordinal);
        }
      }
      if (kFlaw == Flaw::throws_in_between && (sent_ += taken) >= 1000) {
        complain();
      }
      return taken + (kFlaw == Flaw::takes_too_many && taken > 0 ? 1 : 0);
    }
    std::size_t poll(std::span<Settlement> out) noexcept {
      const std::size_t count = std::min(out.size(), settled_.size());
      std::copy_n(settled_.begin(), count, out.begin());
      settled_.erase(settled_.begin(), settled_.begin() + static_cast<std::ptrdiff_t>(count));
      return count;
    }

   private:
    struct Hangs {
      ~Hangs() {
        while (true) {
          std::this_thread::sleep_for(std::chrono::hours(1));
        }
      }
    };
    [[noreturn]] static void complain() { throw std::runtime_error("a thousand is too many"); }

    std::unique_ptr<Hangs> hangs_;
    FlawedDelivery* delivery_;
    std::deque<Settlement> settled_;
    std::size_t sent_ = 0;
  };

  class Consumer {
   public:
    explicit Consumer(Inbox& inbox) : inbox_(&inbox) {}

    std::size_t try_receive(std::span<Received> out) noexcept {
      received_.clear();
      if (kFlaw == Flaw::crawls) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
      }
      std::unique_lock lock(inbox_->mutex);
      wait_if_empty(lock);
      for (std::deque<Parcel>& lane : inbox_->lanes) {
        for (; received_.size() < out.size() && !lane.empty(); lane.pop_front()) {
          received_.push_back(std::move(lane.front()));
          out[received_.size() - 1] = show(received_.back());
        }
      }
      if (kFlaw == Flaw::repeats_later && !out.empty()) {
        repeat_later(out);
      }
      inbox_->received += received_.size();
      inbox_->change.notify_all();
      end_at_a_thousand();
      return received_.size() +
             (kFlaw == Flaw::receives_too_many && !received_.empty() ? out.size() : 0);
    }

   private:
    void wait_if_empty(std::unique_lock<std::mutex>& lock) {
      if (inbox_->size() > 0) {
        return;
      }
      if (kFlaw == Flaw::waits_when_empty) {
        inbox_->change.wait(lock, [this] { return inbox_->size() > 0; });
      } else if (kFlaw == Flaw::sleeps_when_empty) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      } else if (kFlaw == Flaw::spins_when_empty) {
        const std::int64_t begin_ns = own_time_ns();
        while (own_time_ns() - begin_ns < 5'000'000) {
        }
      }
    }
    void repeat_later(std::span<Received> out) {
      const auto now = std::chrono::steady_clock::now();
      if (!received_.empty()) {
        last_ = received_.back();
        last_at_ = now;
      } else if (last_ && now - last_at_ > std::chrono::milliseconds(10)) {
        received_.push_back(std::move(*last_));
        last_.reset();
        out[0] = show(received_.back());
      }
    }
    // Of a processor: without one it does not spin.
    static std::int64_t own_time_ns() {
      timespec time{};
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
      return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
    }
    Received show(const Parcel& parcel) const {
      Received received{parcel.message, parcel.content, parcel.checksum};
      if (kFlaw == Flaw::keeps_the_span) {
        received.message = *parcel.lent;
      } else if (kFlaw == Flaw::swaps_recipient) {
        std::swap(received.message.sender, received.message.recipient);
      } else if (kFlaw == Flaw::bytes_of_another) {
        received.payload = inbox_->last_content;
      }
      return received;
    }
    void end_at_a_thousand() const {
      if (inbox_->received < 1000) {
        return;
      }
      if (kFlaw == Flaw::aborts) {
        std::abort();
      } else if (kFlaw == Flaw::exits || kFlaw == Flaw::exits_with_0) {
        std::_Exit(kFlaw == Flaw::exits ? 7 : 0);
      }
    }

    Inbox* inbox_;
    std::vector<Parcel> received_;
    std::optional<Parcel> last_;
    std::chrono::steady_clock::time_point last_at_;
  };

  Producer make_producer(WorkerId /*worker*/) { return Producer(*this); }
  Consumer make_consumer(WorkerId worker) { return Consumer(inboxes_[worker]); }

 private:
  bool push(const Message& message) {
    Parcel parcel{message, &message, std::vector<std::byte>(payloads_->buffer_bytes()), 0};
    parcel.content.resize(payloads_->write(message, parcel.content.data()));
    parcel.checksum = payloads_->checksum(message, parcel.content);
    if (kFlaw == Flaw::cuts_what_is_long) {
      parcel.content.resize(std::min<std::size_t>(parcel.content.size(), 4096));
    }

    Inbox& inbox = inboxes_[message.recipient % inboxes_.size()];
    std::unique_lock lock(inbox.mutex);
    if (inbox.size() >= capacity_) {
      inbox.was_full = true;
      if (kFlaw != Flaw::waits_when_full) {
        return false;
      }
      inbox.change.wait(lock, [&] { return inbox.size() < capacity_; });
    }
    if (kFlaw == Flaw::full_for_good && inbox.was_full) {
      return false;
    }
    // Always of the same size, so that it stays where it is.
    inbox.last_content.resize(payloads_->buffer_bytes());
    std::copy(parcel.content.begin(), parcel.content.end(), inbox.last_content.begin());
    const Lane lane = kFlaw == Flaw::one_lane ? Lane::normal : lane_of(message.type);
    inbox.lanes[static_cast<std::size_t>(lane)].push_back(std::move(parcel));
    inbox.change.notify_all();
    return true;
  }

  static inline std::array<std::deque<Parcel>, kLanes> left_over_;

  std::vector<Inbox> inboxes_;
  std::size_t capacity_;
  std::shared_ptr<const Payloads> payloads_;
};

}  // namespace spate::conformance
