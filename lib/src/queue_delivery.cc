#include "spate/queue_delivery.h"

#include <concurrentqueue.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

#include "spate/spsc_ring.h"

namespace spate {
namespace {

// One message in the queue; its bytes follow in memory.
struct alignas(kCacheLine) Slot {
  Message message;
  std::uint64_t checksum;
  std::uint32_t size;
  std::uint16_t owner;  // whose pool it belongs to
  // moodycamel orders the slot's content by itself, but out of ThreadSanitizer's sight: it switches
  // the instrumentation of its functions off. This pair shows the order, and costs two plain moves.
  std::atomic<std::uint8_t> published;

  std::byte* bytes() { return reinterpret_cast<std::byte*>(this + 1); }
};
static_assert(sizeof(Slot) == kCacheLine);

// Allocates as everything else here does, so that what counts allocations sees the queue's too.
struct InboxTraits : moodycamel::ConcurrentQueueDefaultTraits {
  static void* malloc(std::size_t bytes) noexcept { return ::operator new(bytes, std::nothrow); }
  static void free(void* memory) noexcept { ::operator delete(memory); }
};
using Inbox = moodycamel::ConcurrentQueue<Slot*, InboxTraits>;

constexpr std::size_t rounded_to_lines(std::size_t bytes) {
  return (bytes + kCacheLine - 1) / kCacheLine * kCacheLine;
}

// Slots of equal size in one block of memory, which is touched only as far as it is used.
class SlotPool {
 public:
  SlotPool(std::uint16_t owner, std::uint32_t slots, std::size_t payload_bytes)
      : stride_(sizeof(Slot) + rounded_to_lines(payload_bytes)),
        memory_(
            static_cast<std::byte*>(::operator new (stride_* slots, std::align_val_t{kCacheLine}))),
        owner_(owner),
        slots_(slots) {
    free_.reserve(slots);
  }
  ~SlotPool() { ::operator delete (memory_, std::align_val_t{kCacheLine}); }
  SlotPool(const SlotPool&) = delete;
  SlotPool& operator=(const SlotPool&) = delete;

  std::size_t available() const { return free_.size() + (slots_ - used_); }

  // Precondition: available() > 0. The slot that came back last is taken first: it is still cached.
  Slot* take() {
    if (free_.empty()) {
      Slot* const slot = new (memory_ + stride_ * used_++) Slot;
      slot->owner = owner_;
      return slot;
    }
    Slot* const slot = free_.back();
    free_.pop_back();
    return slot;
  }
  void give_back(Slot* slot) { free_.push_back(slot); }

 private:
  std::size_t stride_;
  std::byte* memory_;
  std::uint16_t owner_;
  std::uint32_t slots_;
  std::uint32_t used_ = 0;
  std::vector<Slot*> free_;
};

}  // namespace

struct QueueDelivery::Shared {
  InboxLayout layout;
  std::shared_ptr<const Payloads> payloads;
  // By producer. Here and not in the producer, so that slots outlive whoever handles them last.
  std::vector<std::unique_ptr<SlotPool>> pools;
  // By inbox, then lane. unique_ptr: a queue does not move once tokens refer to it.
  std::vector<std::unique_ptr<Inbox>> lanes;
  // The way home of used slots: [consumer's worker * workers + producer's worker].
  std::vector<std::unique_ptr<SpscRing<Slot*>>> returns;

  SpscRing<Slot*>& return_ring(WorkerId consumer, WorkerId producer) {
    return *returns[consumer * layout.workers + producer];
  }
};

class QueueDelivery::ProducerState {
 public:
  ProducerState(Shared& shared, WorkerId worker)
      : shared_(shared),
        worker_(worker),
        pool_(*shared.pools[worker]),
        staging_stride_(rounded_to_lines(shared.payloads->buffer_bytes())),
        staging_(kStage * staging_stride_),
        lane_counts_(shared.lanes.size(), 0) {
    tokens_.reserve(shared.lanes.size());
    for (const auto& lane : shared.lanes) {
      tokens_.emplace_back(*lane);
    }
  }

  std::size_t try_send(std::span<const Message> batch) noexcept {
    std::size_t taken = 0;
    while (taken < batch.size()) {
      const std::size_t part = send_part(batch.subspan(taken));
      taken += part;
      if (part == 0) {
        break;
      }
    }
    return taken;
  }

  std::size_t poll(std::span<Settlement> out) noexcept {
    const std::size_t count = std::min(out.size(), settled_count_);
    for (std::size_t i = 0; i < count; ++i) {
      out[i] = settled_[--settled_count_];
    }
    return count;
  }

 private:
  static constexpr std::size_t kPart = 64;
  static constexpr std::size_t kStage = 16;
  static constexpr std::size_t kSettledCapacity = 1024;

  std::size_t send_part(std::span<const Message> batch) noexcept {
    if (pool_.available() < std::min(kPart, batch.size())) {
      reclaim();
    }
    const std::size_t count =
        std::min({kPart, batch.size(), pool_.available(), kSettledCapacity - settled_count_});
    for (std::size_t begin = 0; begin < count; begin += kStage) {
      stage(batch, begin, std::min(count, begin + kStage));
    }
    enqueue_by_lane(count);
    return count;
  }

  // Content is rendered for several messages before the first of it is read again (see Payloads),
  // in a place that stays in the cache.
  void stage(std::span<const Message> batch, std::size_t begin, std::size_t end) noexcept {
    for (std::size_t i = begin; i < end; ++i) {
      slots_[i] = pool_.take();
      __builtin_prefetch(slots_[i], 1);  // the last to touch it was the consumer
      __builtin_prefetch(slots_[i]->bytes(), 1);
      sizes_[i - begin] = shared_.payloads->write(batch[i], staging_at(i - begin));
      lane_at_[i] = lane_index(batch[i]);
      if (lane_counts_[lane_at_[i]]++ == 0) {
        touched_[touched_count_++] = lane_at_[i];
      }
    }
    for (std::size_t i = begin; i < end; ++i) {
      fill(*slots_[i], batch[i], std::span(staging_at(i - begin), sizes_[i - begin]));
    }
  }
  std::byte* staging_at(std::size_t index) { return &staging_[index * staging_stride_]; }

  void fill(Slot& slot, const Message& message, std::span<const std::byte> content) noexcept {
    slot.message = message;
    slot.size = static_cast<std::uint32_t>(content.size());
    slot.checksum = shared_.payloads->checksum(message, content);
    // Whole lines, which both sides have room for.
    for (std::size_t at = 0; at < content.size(); at += kCacheLine) {
      std::memcpy(slot.bytes() + at, content.data() + at, kCacheLine);
    }
    // Pairs with the acquire in ConsumerState::show.
    slot.published.store(1, std::memory_order_release);
  }

  std::uint32_t lane_index(const Message& message) const {
    return shared_.layout.inbox_of(message.recipient) * static_cast<std::uint32_t>(kLanes) +
           static_cast<std::uint32_t>(lane_of(message.type));
  }

  // A counting sort by lane keeps the order within each lane and makes one bulk call per lane.
  void enqueue_by_lane(std::size_t count) noexcept {
    std::uint32_t begin = 0;
    for (std::size_t i = 0; i < touched_count_; ++i) {
      begin += std::exchange(lane_counts_[touched_[i]], begin);
    }
    for (std::size_t i = 0; i < count; ++i) {
      sorted_[lane_counts_[lane_at_[i]]++] = slots_[i];
    }
    begin = 0;  // by now lane_counts_ holds each lane's end
    for (std::size_t i = 0; i < touched_count_; ++i) {
      const std::uint32_t lane = touched_[i];
      const std::uint32_t end = std::exchange(lane_counts_[lane], 0);
      enqueue(lane, std::span(sorted_).subspan(begin, end - begin));
      begin = end;
    }
    touched_count_ = 0;
  }

  void enqueue(std::uint32_t lane, std::span<Slot* const> slots) noexcept {
    // The settlements are written first: afterwards the slots belong to the consumer.
    const std::size_t settled_before = settled_count_;
    for (const Slot* slot : slots) {
      settled_[settled_count_++] = settled(slot->message, Outcome::acked);
    }
    if (shared_.lanes[lane]->enqueue_bulk(tokens_[lane], slots.begin(), slots.size())) {
      return;
    }
    // Out of memory: the queue refused the whole of it.
    for (std::size_t i = settled_before; i < settled_count_; ++i) {
      settled_[i].outcome = Outcome::rejected;
    }
    for (Slot* slot : slots) {
      pool_.give_back(slot);
    }
  }

  void reclaim() noexcept {
    std::array<Slot*, kPart> home;
    for (WorkerId consumer = 0; consumer < shared_.layout.workers; ++consumer) {
      SpscRing<Slot*>& ring = shared_.return_ring(consumer, worker_);
      while (const std::size_t count = ring.pop(home)) {
        for (Slot* slot : std::span(home).first(count)) {
          pool_.give_back(slot);
        }
      }
    }
  }

  Shared& shared_;
  WorkerId worker_;
  SlotPool& pool_;
  std::vector<moodycamel::ProducerToken> tokens_;  // by lane
  std::array<Settlement, kSettledCapacity> settled_;
  std::size_t settled_count_ = 0;
  // Scratch of send_part.
  std::size_t staging_stride_;
  std::vector<std::byte> staging_;
  std::array<std::size_t, kStage> sizes_;
  std::array<Slot*, kPart> slots_;
  std::array<Slot*, kPart> sorted_;
  std::array<std::uint32_t, kPart> lane_at_;
  std::array<std::uint32_t, kPart> touched_;
  std::size_t touched_count_ = 0;
  std::vector<std::uint32_t> lane_counts_;
};

class QueueDelivery::ConsumerState {
 public:
  ConsumerState(Shared& shared, WorkerId worker) : shared_(shared), worker_(worker) {
    for (std::uint32_t inbox = worker; inbox < shared.layout.inboxes();
         inbox += shared.layout.workers) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        Inbox& queue = *shared.lanes[inbox * kLanes + lane];
        own_lanes_[lane].push_back({&queue, moodycamel::ConsumerToken(queue)});
      }
    }
    going_home_.resize(shared.layout.workers);
    for (auto& slots : going_home_) {
      slots.reserve(kPart);
    }
  }
  ~ConsumerState() { send_home(); }
  ConsumerState(const ConsumerState&) = delete;
  ConsumerState& operator=(const ConsumerState&) = delete;

  std::size_t try_receive(std::span<Received> out) noexcept {
    send_home();
    const std::size_t room = std::min(out.size(), kPart);
    std::size_t count = 0;
    for (std::vector<OwnLane>& lanes : own_lanes_) {
      // Each call begins at another inbox, so that none waits behind a busy one forever.
      for (std::size_t i = 0; i < lanes.size() && count < room; ++i) {
        OwnLane& lane = lanes[(first_ + i) % lanes.size()];
        count += lane.queue->try_dequeue_bulk(lane.token, slots_.begin() + count, room - count);
      }
    }
    ++first_;
    for (std::size_t i = 0; i < count; ++i) {
      __builtin_prefetch(slots_[i]);
      __builtin_prefetch(slots_[i]->bytes());
    }
    for (std::size_t i = 0; i < count; ++i) {
      out[i] = show(slots_[i]);
    }
    held_ = count;
    return count;
  }

 private:
  static constexpr std::size_t kPart = 64;

  struct OwnLane {
    Inbox* queue;
    moodycamel::ConsumerToken token;
  };

  static Received show(Slot* slot) noexcept {
    // Pairs with the release in ProducerState::fill.
    static_cast<void>(slot->published.load(std::memory_order_acquire));
    return {slot->message, {slot->bytes(), slot->size}, slot->checksum};
  }

  // Gives the slots of the batch that has been read back to their producers.
  void send_home() noexcept {
    for (Slot* slot : std::span(slots_).first(held_)) {
      going_home_[slot->owner].push_back(slot);
    }
    held_ = 0;
    for (WorkerId producer = 0; producer < shared_.layout.workers; ++producer) {
      // Never refused: the ring has a place for every slot of that producer.
      shared_.return_ring(worker_, producer).push(going_home_[producer]);
      going_home_[producer].clear();
    }
  }

  Shared& shared_;
  WorkerId worker_;
  std::array<std::vector<OwnLane>, kLanes> own_lanes_;  // urgent lanes first, as Lane counts
  std::size_t first_ = 0;
  std::array<Slot*, kPart> slots_;
  std::size_t held_ = 0;
  std::vector<std::vector<Slot*>> going_home_;  // scratch, by producer
};

QueueDelivery::QueueDelivery(InboxLayout layout, std::shared_ptr<const Payloads> payloads,
                             std::uint32_t slots_per_worker)
    : shared_(std::make_unique<Shared>(Shared{layout, std::move(payloads), {}, {}, {}})) {
  for (std::uint32_t worker = 0; worker < layout.workers; ++worker) {
    shared_->pools.push_back(std::make_unique<SlotPool>(
        static_cast<std::uint16_t>(worker), slots_per_worker, shared_->payloads->max_bytes()));
  }
  // Room for two blocks per producer: one that fills while the other one empties.
  const std::size_t first_capacity = 2 * Inbox::BLOCK_SIZE;
  for (std::size_t lane = 0; lane < layout.inboxes() * kLanes; ++lane) {
    shared_->lanes.push_back(std::make_unique<Inbox>(first_capacity, layout.workers, 0));
  }
  for (std::uint32_t pair = 0; pair < layout.workers * layout.workers; ++pair) {
    shared_->returns.push_back(std::make_unique<SpscRing<Slot*>>(slots_per_worker));
  }
}
QueueDelivery::~QueueDelivery() = default;

QueueDelivery::Producer QueueDelivery::make_producer(WorkerId worker) {
  return Producer(std::make_unique<ProducerState>(*shared_, worker));
}
QueueDelivery::Consumer QueueDelivery::make_consumer(WorkerId worker) {
  return Consumer(std::make_unique<ConsumerState>(*shared_, worker));
}

QueueDelivery::Producer::Producer(std::unique_ptr<ProducerState> state)
    : state_(std::move(state)) {}
QueueDelivery::Producer::Producer(Producer&&) noexcept = default;
QueueDelivery::Producer& QueueDelivery::Producer::operator=(Producer&&) noexcept = default;
QueueDelivery::Producer::~Producer() = default;
std::size_t QueueDelivery::Producer::try_send(std::span<const Message> batch) noexcept {
  return state_->try_send(batch);
}
std::size_t QueueDelivery::Producer::poll(std::span<Settlement> out) noexcept {
  return state_->poll(out);
}

QueueDelivery::Consumer::Consumer(std::unique_ptr<ConsumerState> state)
    : state_(std::move(state)) {}
QueueDelivery::Consumer::Consumer(Consumer&&) noexcept = default;
QueueDelivery::Consumer& QueueDelivery::Consumer::operator=(Consumer&&) noexcept = default;
QueueDelivery::Consumer::~Consumer() = default;
std::size_t QueueDelivery::Consumer::try_receive(std::span<Received> out) noexcept {
  return state_->try_receive(out);
}

}  // namespace spate
