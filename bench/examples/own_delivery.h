// A whole delivery of one's own, for what no lane can be made of (own_queue.cc has the short way):
// a broker's client, say, or here what copies its messages. This is all that a delivery needs. (It
// locks and allocates for each message, to be short; a fast one does neither.)
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "spate/delivery.h"
#include "spate/delivery_setup.h"
#include "spate/payload.h"

// Blocking: a thread that stalls while it holds an inbox's mutex stops all who need that inbox.
class OwnDelivery {
  struct Parcel {
    spate::Message message;
    std::vector<std::byte> content;
    std::uint64_t checksum = 0;
  };
  struct Inbox {  // one for each worker
    std::mutex mutex;
    std::array<std::deque<Parcel>, spate::kLanes> lanes;  // the urgent one first
  };

 public:
  // One inbox is for all agents of a worker, and a full one takes no more until some are received.
  explicit OwnDelivery(const spate::DeliverySetup& setup)
      : inboxes_(setup.plan.workers), capacity_(setup.capacity), payloads_(setup.payloads) {}

  class Producer {
   public:
    explicit Producer(OwnDelivery& queue) : queue_(&queue) {}

    std::size_t try_send(std::span<const spate::Message> batch) noexcept {
      std::size_t taken = 0;
      while (taken < batch.size() && queue_->push(batch[taken])) {
        settled_.push_back(spate::settled(batch[taken++], spate::Outcome::acked));
      }
      return taken;
    }
    // A message that is in the queue will arrive: it was acked when it was taken.
    std::size_t poll(std::span<spate::Settlement> out) noexcept {
      std::size_t count = 0;
      for (; count < out.size() && !settled_.empty(); ++count) {
        out[count] = settled_.front();
        settled_.pop_front();
      }
      return count;
    }

   private:
    OwnDelivery* queue_;
    std::deque<spate::Settlement> settled_;
  };

  class Consumer {
   public:
    explicit Consumer(Inbox& inbox) : inbox_(&inbox) {}

    std::size_t try_receive(std::span<spate::Received> out) noexcept {
      received_.clear();
      const std::lock_guard lock(inbox_->mutex);
      for (std::deque<Parcel>& lane : inbox_->lanes) {
        for (; received_.size() < out.size() && !lane.empty(); lane.pop_front()) {
          received_.push_back(std::move(lane.front()));
          const Parcel& parcel = received_.back();
          out[received_.size() - 1] = {parcel.message, parcel.content, parcel.checksum};
        }
      }
      return received_.size();
    }

   private:
    Inbox* inbox_;
    std::vector<Parcel> received_;  // keeps the contents until the next call
  };

  Producer make_producer(spate::WorkerId /*worker*/) { return Producer(*this); }
  Consumer make_consumer(spate::WorkerId worker) { return Consumer(inboxes_[worker]); }

 private:
  bool push(const spate::Message& message) {
    Parcel parcel{message, std::vector<std::byte>(payloads_->buffer_bytes()), 0};
    parcel.content.resize(payloads_->write(message, parcel.content.data()));
    parcel.checksum = payloads_->checksum(message, parcel.content);

    Inbox& inbox = inboxes_[message.recipient % inboxes_.size()];
    const std::lock_guard lock(inbox.mutex);
    if (inbox.lanes[0].size() + inbox.lanes[1].size() >= capacity_) {
      return false;
    }
    inbox.lanes[static_cast<std::size_t>(lane_of(message.type))].push_back(std::move(parcel));
    return true;
  }

  std::vector<Inbox> inboxes_;
  std::size_t capacity_;
  std::shared_ptr<const spate::Payloads> payloads_;
};
