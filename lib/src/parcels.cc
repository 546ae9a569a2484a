#include "spate/parcels.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace spate {
namespace {

constexpr std::size_t rounded_to_lines(std::size_t bytes) {
  return (bytes + kCacheLine - 1) / kCacheLine * kCacheLine;
}

}  // namespace

ParcelPool::ParcelPool(std::uint16_t owner, std::uint32_t parcels, std::size_t payload_bytes)
    : stride_(sizeof(Parcel) + rounded_to_lines(payload_bytes)),
      memory_(
          static_cast<std::byte*>(::operator new (stride_* parcels, std::align_val_t{kCacheLine}))),
      owner_(owner),
      parcels_(parcels) {
  free_.reserve(parcels);
}
ParcelPool::~ParcelPool() { ::operator delete (memory_, std::align_val_t{kCacheLine}); }

Parcel* ParcelPool::take() {
  if (free_.empty()) {
    auto* const parcel = new (memory_ + stride_ * used_++) Parcel;
    parcel->owner = owner_;
    return parcel;
  }
  Parcel* const parcel = free_.back();
  free_.pop_back();
  return parcel;
}

Parcels::Parcels(std::uint32_t workers, std::uint32_t per_worker,
                 std::shared_ptr<const Payloads> payloads)
    : payloads_(std::move(payloads)) {
  for (std::uint32_t worker = 0; worker < workers; ++worker) {
    pools_.push_back(std::make_unique<ParcelPool>(static_cast<std::uint16_t>(worker), per_worker,
                                                  payloads_->max_bytes()));
  }
  for (std::uint32_t pair = 0; pair < workers * workers; ++pair) {
    ways_home_.push_back(std::make_unique<SpscRing<Parcel*>>(per_worker));
  }
}

Packer::Packer(Parcels& parcels, WorkerId worker)
    : parcels_(parcels),
      worker_(worker),
      pool_(parcels.pool(worker)),
      staging_stride_(rounded_to_lines(parcels.payloads().buffer_bytes())),
      staging_(kStage * staging_stride_) {}

std::size_t Packer::room(std::size_t wanted) noexcept {
  wanted = std::min(wanted, kMostParcels);
  if (pool_.available() < wanted) {
    reclaim();
  }
  return std::min(wanted, pool_.available());
}

void Packer::pack(std::span<const Message> batch, std::span<Parcel*> out) noexcept {
  for (std::size_t begin = 0; begin < batch.size(); begin += kStage) {
    const std::size_t count = std::min(kStage, batch.size() - begin);
    stage(batch.subspan(begin, count), out.subspan(begin, count));
  }
}

// Content is rendered for several messages before the first of it is read again (see Payloads), in
// a place that stays in the cache.
void Packer::stage(std::span<const Message> batch, std::span<Parcel*> out) noexcept {
  std::array<std::size_t, kStage> sizes;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    out[i] = pool_.take();
    __builtin_prefetch(out[i], 1);  // the last to touch it was the receiver
    __builtin_prefetch(out[i]->bytes(), 1);
    sizes[i] = parcels_.payloads().write(batch[i], staging_at(i));
  }
  for (std::size_t i = 0; i < batch.size(); ++i) {
    fill(*out[i], batch[i], std::span(staging_at(i), sizes[i]));
  }
}

void Packer::fill(Parcel& parcel, const Message& message,
                  std::span<const std::byte> content) noexcept {
  parcel.message = message;
  parcel.size = static_cast<std::uint32_t>(content.size());
  parcel.checksum = parcels_.payloads().checksum(message, content);
  // Whole lines, which both sides have room for.
  for (std::size_t at = 0; at < content.size(); at += kCacheLine) {
    std::memcpy(parcel.bytes() + at, content.data() + at, kCacheLine);
  }
  // Pairs with the acquire in Unpacker::unpack.
  parcel.published.store(1, std::memory_order_release);
}

void Packer::reclaim() noexcept {
  std::array<Parcel*, kMostParcels> home;
  for (WorkerId receiver = 0; receiver < parcels_.workers(); ++receiver) {
    SpscRing<Parcel*>& way = parcels_.way_home(receiver, worker_);
    while (const std::size_t count = way.pop(home)) {
      for (Parcel* parcel : std::span(home).first(count)) {
        pool_.give_back(parcel);
      }
    }
  }
}

Unpacker::Unpacker(Parcels& parcels, WorkerId worker)
    : parcels_(parcels), worker_(worker), going_home_(parcels.workers()) {
  for (auto& some : going_home_) {
    some.reserve(kMostParcels);
  }
}

void Unpacker::unpack(std::size_t count, std::span<Received> out) noexcept {
  for (Parcel* parcel : std::span(held_).first(count)) {
    __builtin_prefetch(parcel);
    __builtin_prefetch(parcel->bytes());
  }
  for (std::size_t i = 0; i < count; ++i) {
    Parcel& parcel = *held_[i];
    // Pairs with the release in Packer::fill.
    static_cast<void>(parcel.published.load(std::memory_order_acquire));
    out[i] = {parcel.message, {parcel.bytes(), parcel.size}, parcel.checksum};
  }
  count_ = count;
}

void Unpacker::send_home() noexcept {
  for (Parcel* parcel : std::span(held_).first(count_)) {
    going_home_[parcel->owner].push_back(parcel);
  }
  count_ = 0;
  for (WorkerId sender = 0; sender < parcels_.workers(); ++sender) {
    // Never refused: the way has a place for every parcel of that sender.
    parcels_.way_home(worker_, sender).push(going_home_[sender]);
    going_home_[sender].clear();
  }
}

}  // namespace spate
