// The mock: each message waits a drawn latency, then arrives, or fails with a drawn chance.
//
// Each worker has a shelf of its own, where its sends wait until they are due; the same worker
// receives them. Nothing is shared between workers, so every operation is wait-free, and millions
// of messages can be under way without a thread each. Only where a capacity or an order is asked
// for, the station is shared: then a batch is sent under a lock. A handle must stay on its worker's
// thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "spate/agents.h"
#include "spate/clock.h"
#include "spate/delivery.h"
#include "spate/digest.h"
#include "spate/latency_model.h"
#include "spate/message.h"
#include "spate/station.h"
#include "spate/timer_wheel.h"

namespace spate {

// What only the mock draws.
struct MockSettings {
  LatencyModel latency = LatencyModel::uniform(1'000'000, 10'000'000);
  Probability success{0.95};
  // Messages to the agents 0 … slow_agents - 1 take so many thousandths of the latency that is
  // drawn, but 1 h at the most.
  std::uint32_t slow_agents = 0;
  std::uint32_t slow_thousandths = 10'000;
  StationSettings station = {};

  // Precondition: 0 <= latency_ns <= 1 h. (Times a million still fits.)
  std::int64_t slowed(std::int64_t latency_ns) const {
    return std::min(latency_ns * slow_thousandths / 1000, kMaxDelayNs);
  }
  // As LatencyModel has them, over all recipients.
  std::int64_t latency_max_ns() const { return slowest(latency.max_ns()); }
  std::int64_t usual_latency_max_ns() const { return slowest(latency.usual_max_ns()); }

 private:
  std::int64_t slowest(std::int64_t latency_ns) const {
    return slow_agents == 0 ? latency_ns : std::max(latency_ns, slowed(latency_ns));
  }
};

struct MockVerdict {
  bool success;
  std::int64_t latency_ns;

  constexpr std::uint64_t code() const {
    return static_cast<std::uint64_t>(latency_ns) * 2 + (success ? 1 : 0);
  }
};

inline MockVerdict mock_verdict(const MockSettings& settings, const MessageDraws& draws,
                                AgentId recipient) {
  const std::int64_t latency_ns =
      settings.latency.draw_ns(draws.draw(Purpose::mock_latency, recipient));
  return {settings.success.hit(draws.draw(Purpose::mock_failure, recipient)),
          recipient < settings.slow_agents ? settings.slowed(latency_ns) : latency_ns};
}

template <Clock C>
class BasicMockDelivery {
 public:
  // `in_flight_per_worker`: try_send takes fewer messages once so many are pending in a lane.
  BasicMockDelivery(C clock, std::uint64_t seed, MockSettings settings, std::uint32_t workers,
                    std::uint32_t in_flight_per_worker)
      : station_(settings.station.shared() ? std::make_unique<SharedStation>(settings.station)
                                           : nullptr) {
    shelves_.reserve(workers);
    for (std::uint32_t worker = 0; worker < workers; ++worker) {
      shelves_.push_back(
          std::make_unique<Shelf>(clock, seed, settings, in_flight_per_worker, station_.get()));
    }
  }

 private:
  struct Pending {
    Message message;
    bool success;
  };
  struct EarlierPending {
    bool operator()(const Pending& a, const Pending& b) const {
      return EarlierIdentity{}(a.message, b.message);
    }
  };
  using Wheel = TimerWheel<Pending, EarlierPending>;

  struct SharedStation {
    explicit SharedStation(const StationSettings& settings) : station(settings) {}
    std::mutex mutex;
    Station station;
  };

  class Shelf {
   public:
    Shelf(C clock, std::uint64_t seed, MockSettings settings, std::uint32_t capacity,
          SharedStation* station)
        : clock_(std::move(clock)),
          seed_(seed),
          settings_(std::move(settings)),
          // A rare long latency must not make the slots coarse for all the others.
          lanes_{Wheel(capacity, settings_.usual_latency_max_ns()),
                 Wheel(capacity, settings_.usual_latency_max_ns())},
          station_(station) {}

    std::size_t try_send(std::span<const Message> batch) noexcept {
      if (station_ == nullptr) {
        return take(batch);
      }
      const std::lock_guard lock(station_->mutex);
      return take(batch);
    }

    // A message is settled when it is due: acked if it arrives, failed if not.
    std::size_t try_receive(std::span<Received> out) noexcept {
      const std::int64_t now_ns = clock_.now_ns();
      std::size_t received = 0;
      for (Wheel& lane : lanes_) {
        std::size_t room = std::min(out.size() - received, kSettledCapacity - settled_count_);
        while (room > 0) {
          const std::size_t popped =
              lane.pop_due(now_ns, room, [&](const Pending& pending, std::int64_t) {
                settled_[settled_count_++] =
                    settled(pending.message, pending.success ? Outcome::acked : Outcome::failed);
                if (pending.success) {
                  out[received++] = {pending.message, {}, 0};
                }
              });
          if (popped < room) {
            break;
          }
          room = std::min(out.size() - received, kSettledCapacity - settled_count_);
        }
      }
      return received;
    }

    std::size_t poll(std::span<Settlement> out) noexcept {
      const std::size_t count = std::min(out.size(), settled_count_);
      std::copy_n(settled_.begin(), count, out.begin());
      std::copy(settled_.begin() + static_cast<std::ptrdiff_t>(count),
                settled_.begin() + static_cast<std::ptrdiff_t>(settled_count_), settled_.begin());
      settled_count_ -= count;
      return count;
    }

    std::int64_t next_due_ns() const noexcept {
      return std::min(lanes_[0].next_due_ns(), lanes_[1].next_due_ns());
    }
    std::uint64_t draws_digest() const noexcept { return digest_; }

   private:
    static constexpr std::size_t kSettledCapacity = 1024;

    std::size_t take(std::span<const Message> batch) noexcept {
      // Not sent_ns: what chaos held back on the way begins its latency here. And under the lock,
      // if there is one: the station wants the order of time.
      const std::int64_t now_ns = clock_.now_ns();
      std::size_t taken = 0;
      for (; taken < batch.size(); ++taken) {
        const Message& message = batch[taken];
        Wheel& lane = lanes_[static_cast<std::size_t>(lane_of(message.type))];
        if (lane.full()) {
          break;
        }
        const MessageDraws draws(seed_, message.sender, message.sequence);
        const MockVerdict verdict = mock_verdict(settings_, draws, message.recipient);
        digest_ += digest_term(message, verdict.code());
        lane.push(now_ns, due_ns(now_ns, message, verdict), {message, verdict.success});
      }
      return taken;
    }

    std::int64_t due_ns(std::int64_t now_ns, const Message& message, const MockVerdict& verdict) {
      if (station_ == nullptr) {
        return now_ns + verdict.latency_ns;
      }
      Station& station = station_->station;
      const std::int64_t served_ns = station.serve(now_ns, verdict.latency_ns);
      return verdict.success ? station.hand_out(served_ns, message.recipient, lane_of(message.type))
                             : served_ns;
    }

    C clock_;
    std::uint64_t seed_;
    MockSettings settings_;
    std::array<Wheel, kLanes> lanes_;  // urgent first, as Lane counts
    SharedStation* station_;
    std::array<Settlement, kSettledCapacity> settled_;
    std::size_t settled_count_ = 0;
    std::uint64_t digest_ = 0;
  };

 public:
  class Producer {
   public:
    explicit Producer(Shelf& shelf) : shelf_(&shelf) {}
    std::size_t try_send(std::span<const Message> batch) noexcept {
      return shelf_->try_send(batch);
    }
    std::size_t poll(std::span<Settlement> out) noexcept { return shelf_->poll(out); }
    std::uint64_t draws_digest() const noexcept { return shelf_->draws_digest(); }

   private:
    Shelf* shelf_;
  };

  class Consumer {
   public:
    explicit Consumer(Shelf& shelf) : shelf_(&shelf) {}
    std::size_t try_receive(std::span<Received> out) noexcept { return shelf_->try_receive(out); }
    std::int64_t next_due_ns() const noexcept { return shelf_->next_due_ns(); }

   private:
    Shelf* shelf_;
  };

  Producer make_producer(WorkerId worker) { return Producer(*shelves_[worker]); }
  Consumer make_consumer(WorkerId worker) { return Consumer(*shelves_[worker]); }

 private:
  std::unique_ptr<SharedStation> station_;  // null where messages do not influence each other
  std::vector<std::unique_ptr<Shelf>> shelves_;
};

using MockDelivery = BasicMockDelivery<SteadyClock>;

}  // namespace spate
