// Messages with their bytes, for deliveries that pass pointers: a sender packs a message into a
// parcel of its own worker's pool, the pointer travels, the receiver unpacks it, and the parcel
// goes back to its pool. Nothing is allocated after the beginning, and the pool is what bounds the
// delivery: with no parcel left, a sender takes no message.
//
// Progress: everything here is wait-free. A worker that stalls keeps the parcels of its batch.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "spate/cache_line.h"
#include "spate/delivery.h"
#include "spate/message.h"
#include "spate/payload.h"
#include "spate/spsc_ring.h"

namespace spate {

// What one call of a handle moves at the most.
inline constexpr std::size_t kMostParcels = 64;

// One message on its way; its bytes follow in memory.
struct alignas(kCacheLine) Parcel {
  Message message;
  std::uint64_t checksum;
  std::uint32_t size;
  std::uint16_t owner;  // the worker whose pool it belongs to
  // What carries the pointer orders the parcel's content by itself, but maybe out of
  // ThreadSanitizer's sight: moodycamel switches the instrumentation of its functions off. This
  // pair shows the order, and costs two plain moves.
  std::atomic<std::uint8_t> published;

  std::byte* bytes() { return reinterpret_cast<std::byte*>(this + 1); }
};
static_assert(sizeof(Parcel) == kCacheLine);

// Parcels of equal size in one block of memory, which is touched only as far as it is used. One
// thread.
class ParcelPool {
 public:
  ParcelPool(std::uint16_t owner, std::uint32_t parcels, std::size_t payload_bytes);
  ~ParcelPool();
  ParcelPool(const ParcelPool&) = delete;
  ParcelPool& operator=(const ParcelPool&) = delete;

  std::size_t available() const { return free_.size() + (parcels_ - used_); }
  // Precondition: available() > 0. The one that came back last goes first: it is still cached.
  Parcel* take();
  void give_back(Parcel* parcel) { free_.push_back(parcel); }

 private:
  std::size_t stride_;
  std::byte* memory_;
  std::uint16_t owner_;
  std::uint32_t parcels_;
  std::uint32_t used_ = 0;
  std::vector<Parcel*> free_;
};

// What all handles of a delivery share; outlives them, and so do the parcels.
class Parcels {
 public:
  // `per_worker`: how many messages of one worker's agents may be under way.
  Parcels(std::uint32_t workers, std::uint32_t per_worker,
          std::shared_ptr<const Payloads> payloads);

  std::uint32_t workers() const { return static_cast<std::uint32_t>(pools_.size()); }
  const Payloads& payloads() const { return *payloads_; }
  ParcelPool& pool(WorkerId worker) { return *pools_[worker]; }
  SpscRing<Parcel*>& way_home(WorkerId receiver, WorkerId sender) {
    return *ways_home_[receiver * pools_.size() + sender];
  }

 private:
  std::shared_ptr<const Payloads> payloads_;
  std::vector<std::unique_ptr<ParcelPool>> pools_;  // by sending worker
  std::vector<std::unique_ptr<SpscRing<Parcel*>>> ways_home_;
};

// A sender's end. One of each worker, one thread.
class Packer {
 public:
  Packer(Parcels& parcels, WorkerId worker);

  // How many messages can be packed, up to `wanted` and kMostParcels.
  std::size_t room(std::size_t wanted) noexcept;
  // Renders each message of `batch` into a parcel. Precondition: room for all of them.
  void pack(std::span<const Message> batch, std::span<Parcel*> out) noexcept;
  // Of those that were not sent after all.
  void give_back(Parcel* parcel) noexcept { pool_.give_back(parcel); }

 private:
  static constexpr std::size_t kStage = 16;

  void stage(std::span<const Message> batch, std::span<Parcel*> out) noexcept;
  void fill(Parcel& parcel, const Message& message, std::span<const std::byte> content) noexcept;
  std::byte* staging_at(std::size_t index) { return &staging_[index * staging_stride_]; }
  void reclaim() noexcept;

  Parcels& parcels_;
  WorkerId worker_;
  ParcelPool& pool_;
  std::size_t staging_stride_;
  std::vector<std::byte> staging_;
};

// A receiver's end. One of each worker, one thread. What it holds goes home with it.
class Unpacker {
 public:
  Unpacker(Parcels& parcels, WorkerId worker);
  ~Unpacker() { send_home(); }
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;

  // Gives the parcels of the batch before back, and shows where the next one is to be put.
  std::span<Parcel*, kMostParcels> begin() noexcept {
    send_home();
    return held_;
  }
  // Unpacks the first `count` that were put there; their bytes stay until begin().
  void unpack(std::size_t count, std::span<Received> out) noexcept;

 private:
  void send_home() noexcept;

  Parcels& parcels_;
  WorkerId worker_;
  std::array<Parcel*, kMostParcels> held_;
  std::size_t count_ = 0;
  std::vector<std::vector<Parcel*>> going_home_;  // scratch, by sender
};

// Settlements that wait for poll(). One thread.
class SettlementStack {
 public:
  std::size_t room() const { return all_.size() - count_; }
  // Precondition: room() > 0.
  void push(const Settlement& settlement) noexcept { all_[count_++] = settlement; }
  // Takes back what was pushed last.
  void drop(std::size_t count) noexcept { count_ -= count; }
  // poll().
  std::size_t take(std::span<Settlement> out) noexcept {
    const std::size_t taken = std::min(out.size(), count_);
    for (std::size_t i = 0; i < taken; ++i) {
      out[i] = all_[count_ - 1 - i];
    }
    count_ -= taken;
    return taken;
  }

 private:
  std::array<Settlement, 1024> all_;
  std::size_t count_ = 0;
};

}  // namespace spate
