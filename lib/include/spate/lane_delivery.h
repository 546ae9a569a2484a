// A queue of pointers as a whole delivery. What is written for it is one lane:
//
//   class MyLane {
//    public:
//     explicit MyLane(std::size_t capacity);        // or none, and a default constructor
//     bool try_push(spate::Parcel* parcel);         // false: full
//     bool try_pop(spate::Parcel*& parcel);         // false: empty
//   };
//   using MyQueue = spate::LaneDelivery<MyLane>;
//
// Inboxes with an urgent and a normal lane each, content and checksums, back-pressure, settlements
// and broadcasts are done here. A lane only moves pointers, which are small and trivially copyable,
// so that any queue takes them; what they point to belongs to the delivery.
//
// What a lane owes: first in, first out, for each thread that pushes; several threads push, one
// pops, but not always the same one as a thread that pushes; and what was written before a push is
// visible after its pop. Neither call waits for the other side, and an exception from one ends the
// process, as from any call of a handle.
//
// Progress: what is done here is wait-free, takes no lock and allocates nothing per message. So
// try_send and try_receive are what try_push and try_pop are; poll is wait-free. A message that a
// lane has no room for stays with its sender, and those behind it, until there is some.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "spate/delivery.h"
#include "spate/delivery_setup.h"
#include "spate/inbox_layout.h"
#include "spate/message.h"
#include "spate/parcels.h"

namespace spate {

template <class Q>
concept LaneOfParcels = requires(Q queue, Parcel* parcel) {
  { queue.try_push(parcel) } -> std::convertible_to<bool>;
  { queue.try_pop(parcel) } -> std::convertible_to<bool>;
}
&&(std::is_constructible_v<Q, std::size_t> || std::is_default_constructible_v<Q>);

// How much a lane should hold that has its memory from the beginning: no more than there are
// parcels, and all lanes together some megabytes at the most.
std::size_t lane_capacity(const DeliverySetup& setup);

template <LaneOfParcels Q>
class LaneDelivery {
  struct Shared {
    InboxLayout layout;
    Parcels parcels;
    std::vector<std::unique_ptr<Q>> lanes;
  };

 public:
  class Producer {
   public:
    Producer(Shared& shared, WorkerId worker)
        : lanes_(shared.lanes), layout_(shared.layout), packer_(shared.parcels, worker) {}

    std::size_t try_send(std::span<const Message> batch) noexcept {
      std::size_t taken = 0;
      while (taken < batch.size()) {
        const std::span<const Message> rest = batch.subspan(taken);
        const std::size_t count = packer_.room(std::min(rest.size(), settlements_.room()));
        const std::size_t sent = send_part(rest.first(count));
        taken += sent;
        if (count == 0 || sent < count) {
          break;
        }
      }
      return taken;
    }

    // A message that is in its lane will arrive: it was acked when it was taken.
    std::size_t poll(std::span<Settlement> out) noexcept { return settlements_.take(out); }

   private:
    std::size_t send_part(std::span<const Message> batch) noexcept {
      packer_.pack(batch, parcels_);
      std::size_t sent = 0;
      while (sent < batch.size() &&
             lanes_[layout_.lane_at(batch[sent])]->try_push(parcels_[sent])) {
        settlements_.push(settled(batch[sent++], Outcome::acked));
      }
      for (std::size_t i = batch.size(); i > sent; --i) {
        packer_.give_back(parcels_[i - 1]);  // backwards: the next in turn is taken first again
      }
      return sent;
    }

    std::span<const std::unique_ptr<Q>> lanes_;
    InboxLayout layout_;
    Packer packer_;
    SettlementStack settlements_;
    std::array<Parcel*, kMostParcels> parcels_;  // scratch of send_part
  };

  class Consumer {
   public:
    Consumer(Shared& shared, WorkerId worker)
        : unpacker_(std::make_unique<Unpacker>(shared.parcels, worker)) {
      for (std::uint32_t inbox = worker; inbox < shared.layout.inboxes();
           inbox += shared.layout.workers) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
          own_lanes_[lane].push_back(shared.lanes[inbox * kLanes + lane].get());
        }
      }
    }

    std::size_t try_receive(std::span<Received> out) noexcept {
      const std::span<Parcel*> places = unpacker_->begin();
      const std::size_t room = std::min(out.size(), places.size());
      std::size_t count = 0;
      for (const std::vector<Q*>& lanes : own_lanes_) {
        // Each call begins at another inbox, so that none waits behind a busy one forever.
        for (std::size_t i = 0; i < lanes.size() && count < room; ++i) {
          Q& lane = *lanes[(first_ + i) % lanes.size()];
          while (count < room && lane.try_pop(places[count])) {
            ++count;
          }
        }
      }
      ++first_;
      unpacker_->unpack(count, out);
      return count;
    }

   private:
    std::unique_ptr<Unpacker> unpacker_;
    std::array<std::vector<Q*>, kLanes> own_lanes_;  // urgent lanes first, as Lane counts
    std::size_t first_ = 0;
  };

  explicit LaneDelivery(const DeliverySetup& setup)
      : shared_(std::make_unique<Shared>(
            Shared{setup.layout(), {setup.plan.workers, setup.capacity, setup.payloads}, {}})) {
    for (std::uint32_t lane = 0; lane < shared_->layout.lanes(); ++lane) {
      if constexpr (std::is_constructible_v<Q, std::size_t>) {
        shared_->lanes.push_back(std::make_unique<Q>(lane_capacity(setup)));
      } else {
        shared_->lanes.push_back(std::make_unique<Q>());
      }
    }
  }

  Producer make_producer(WorkerId worker) { return Producer(*shared_, worker); }
  Consumer make_consumer(WorkerId worker) { return Consumer(*shared_, worker); }

 private:
  std::unique_ptr<Shared> shared_;  // where handles find it, wherever the delivery moves to
};

}  // namespace spate
