#include "spate/queue_delivery.h"

#include <concurrentqueue.h>

#include <algorithm>
#include <array>
#include <new>
#include <utility>
#include <vector>

#include "spate/parcels.h"

namespace spate {
namespace {

// Allocates as everything else here does, so that what counts allocations sees the queue's too.
struct LaneTraits : moodycamel::ConcurrentQueueDefaultTraits {
  static void* malloc(std::size_t bytes) noexcept { return ::operator new(bytes, std::nothrow); }
  static void free(void* memory) noexcept { ::operator delete(memory); }
};
using LaneQueue = moodycamel::ConcurrentQueue<Parcel*, LaneTraits>;

}  // namespace

struct QueueDelivery::Shared {
  InboxLayout layout;
  Parcels parcels;
  // unique_ptr: a queue does not move once tokens refer to it.
  std::vector<std::unique_ptr<LaneQueue>> lanes;
};

class QueueDelivery::ProducerState {
 public:
  ProducerState(Shared& shared, WorkerId worker)
      : shared_(shared), packer_(shared.parcels, worker), lane_counts_(shared.lanes.size(), 0) {
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

  std::size_t poll(std::span<Settlement> out) noexcept { return settlements_.take(out); }

 private:
  std::size_t send_part(std::span<const Message> batch) noexcept {
    batch = batch.first(packer_.room(std::min(batch.size(), settlements_.room())));
    packer_.pack(batch, parcels_);
    sort_by_lane(batch);
    enqueue_by_lane();
    return batch.size();
  }

  // A counting sort keeps the order within each lane and makes one bulk call per lane.
  void sort_by_lane(std::span<const Message> batch) noexcept {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      lane_at_[i] = shared_.layout.lane_at(batch[i]);
      if (lane_counts_[lane_at_[i]]++ == 0) {
        touched_[touched_count_++] = lane_at_[i];
      }
    }
    std::uint32_t begin = 0;
    for (std::size_t i = 0; i < touched_count_; ++i) {
      begin += std::exchange(lane_counts_[touched_[i]], begin);
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
      sorted_[lane_counts_[lane_at_[i]]++] = parcels_[i];
    }
  }

  void enqueue_by_lane() noexcept {
    std::uint32_t begin = 0;  // by now lane_counts_ holds each lane's end
    for (std::size_t i = 0; i < touched_count_; ++i) {
      const std::uint32_t lane = touched_[i];
      const std::uint32_t end = std::exchange(lane_counts_[lane], 0);
      enqueue(lane, std::span(sorted_).subspan(begin, end - begin));
      begin = end;
    }
    touched_count_ = 0;
  }

  void enqueue(std::uint32_t lane, std::span<Parcel* const> parcels) noexcept {
    // The settlements are written first: afterwards the parcels belong to the consumer.
    for (const Parcel* parcel : parcels) {
      settlements_.push(settled(parcel->message, Outcome::acked));
    }
    if (shared_.lanes[lane]->enqueue_bulk(tokens_[lane], parcels.begin(), parcels.size())) {
      return;
    }
    // Out of memory: the queue refused the whole of it.
    settlements_.drop(parcels.size());
    for (Parcel* parcel : parcels) {
      settlements_.push(settled(parcel->message, Outcome::rejected));
      packer_.give_back(parcel);
    }
  }

  Shared& shared_;
  Packer packer_;
  std::vector<moodycamel::ProducerToken> tokens_;  // by lane
  SettlementStack settlements_;
  // Scratch of send_part.
  std::array<Parcel*, kMostParcels> parcels_;
  std::array<Parcel*, kMostParcels> sorted_;
  std::array<std::uint32_t, kMostParcels> lane_at_;
  std::array<std::uint32_t, kMostParcels> touched_;
  std::size_t touched_count_ = 0;
  std::vector<std::uint32_t> lane_counts_;
};

class QueueDelivery::ConsumerState {
 public:
  ConsumerState(Shared& shared, WorkerId worker) : unpacker_(shared.parcels, worker) {
    for (std::uint32_t inbox = worker; inbox < shared.layout.inboxes();
         inbox += shared.layout.workers) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        LaneQueue& queue = *shared.lanes[inbox * kLanes + lane];
        own_lanes_[lane].push_back({&queue, moodycamel::ConsumerToken(queue)});
      }
    }
  }

  std::size_t try_receive(std::span<Received> out) noexcept {
    const std::span<Parcel*> places = unpacker_.begin();
    const std::size_t room = std::min(out.size(), places.size());
    std::size_t count = 0;
    for (std::vector<OwnLane>& lanes : own_lanes_) {
      // Each call begins at another inbox, so that none waits behind a busy one forever.
      for (std::size_t i = 0; i < lanes.size() && count < room; ++i) {
        OwnLane& lane = lanes[(first_ + i) % lanes.size()];
        count += lane.queue->try_dequeue_bulk(lane.token, places.data() + count, room - count);
      }
    }
    ++first_;
    unpacker_.unpack(count, out);
    return count;
  }

 private:
  struct OwnLane {
    LaneQueue* queue;
    moodycamel::ConsumerToken token;
  };

  Unpacker unpacker_;
  std::array<std::vector<OwnLane>, kLanes> own_lanes_;  // urgent lanes first, as Lane counts
  std::size_t first_ = 0;
};

QueueDelivery::QueueDelivery(InboxLayout layout, std::shared_ptr<const Payloads> payloads,
                             std::uint32_t parcels_per_worker)
    : shared_(std::make_unique<Shared>(
          Shared{layout, {layout.workers, parcels_per_worker, std::move(payloads)}, {}})) {
  // Room for two blocks per producer: one that fills while the other one empties.
  const std::size_t first_capacity = 2 * LaneQueue::BLOCK_SIZE;
  for (std::uint32_t lane = 0; lane < layout.lanes(); ++lane) {
    shared_->lanes.push_back(std::make_unique<LaneQueue>(first_capacity, layout.workers, 0));
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
