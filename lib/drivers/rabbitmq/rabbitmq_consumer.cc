#include "rabbitmq_consumer.h"

#include <fmt/format.h>

#include <algorithm>

namespace spate::drivers::rabbitmq {
namespace {

// So many bytes of messages are read in one call, give or take one message: no call is to be long.
constexpr std::size_t kEnoughBytes = 1'048'576;

constexpr amqp_channel_t channel_of(std::size_t lane) {
  return static_cast<amqp_channel_t>(lane + 1);
}

// The server pushes messages from the end of the prologue on.
Prologues prologues(const RabbitmqRun& run, WorkerId worker) {
  const auto queues = std::span(run.queues).subspan(worker * kLanes, kLanes);
  Prologues both;
  for (Prologue* const prologue : {&both.usual, &both.anew}) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const amqp_channel_t channel = channel_of(lane);
      prologue->add(channel, AMQP_CHANNEL_OPEN_METHOD, amqp_channel_open_t{});
      prologue->add(channel, AMQP_BASIC_QOS_METHOD,
                    amqp_basic_qos_t{0, RabbitmqConsumer::kMostAhead, 0});
      if (prologue == &both.usual) {
        prologue->look_for(channel, queues[lane]);
      } else {
        prologue->make(channel, queues[lane], run.keeping.queue);
      }
    }
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      amqp_basic_consume_t consume{};
      consume.queue = bytes_of(queues[lane]);
      consume.nowait = 1;
      append_method(prologue->afterwards, channel_of(lane), AMQP_BASIC_CONSUME_METHOD, consume);
    }
  }
  return both;
}

}  // namespace

RabbitmqConsumer::RabbitmqConsumer(const RabbitmqRun& run, WorkerId worker)
    : run_(run),
      link_(run, prologues(run, worker), fmt::format("receiving, worker {}", worker),
            {run.envelope.run_key(), Backoff::Of::consumer, worker}),
      inboxes_{Inbox(kMostAhead), Inbox(kMostAhead)} {}

std::size_t RabbitmqConsumer::try_receive(std::span<Received> out) noexcept {
  acknowledge();
  for (std::size_t bytes = 0; bytes < kEnoughBytes;) {
    const amqp_frame_t* const frame = link_.receive();
    if (frame == nullptr) {
      break;
    }
    bytes += frame->frame_type == AMQP_FRAME_BODY ? frame->payload.body_fragment.len : 0;
    take(*frame);  // which may end the connection, and the frame with it
  }
  if (link_.tend(SteadyClock{}.now_ns())) {
    for (Inbox& inbox : inboxes_) {
      inbox.clear();  // what was not acknowledged is pushed again
    }
  }
  std::size_t count = 0;
  for (Inbox& inbox : inboxes_) {
    while (count < out.size() && inbox.has_more()) {
      out[count++] = run_.envelope.read(inbox.hand_over().body);
    }
  }
  return count;
}

void RabbitmqConsumer::acknowledge() noexcept {
  bool any = false;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const std::uint64_t tag = inboxes_[lane].to_acknowledge();
    if (tag != 0 && link_.up()) {
      append_method(link_.outbox(), channel_of(lane), AMQP_BASIC_ACK_METHOD,
                    amqp_basic_ack_t{tag, /*multiple=*/1});
      any = true;
    }
    inboxes_[lane].acknowledged();
  }
  if (any) {
    link_.send();
  }
}

void RabbitmqConsumer::take(const amqp_frame_t& frame) noexcept {
  const std::size_t lane = frame.channel - std::size_t{1};
  if (method_in<amqp_basic_cancel_t>(frame, AMQP_BASIC_CANCEL_METHOD) != nullptr) {
    link_.lose_queue();
  } else if (lane >= kLanes || inboxes_[lane].full()) {
    link_.lose("it pushes more than it was asked for");
  } else {
    take_arrival(inboxes_[lane], frame);
  }
}

// A method that announces the message, a header with its length, and its bytes in any number of
// frames.
void RabbitmqConsumer::take_arrival(Inbox& inbox, const amqp_frame_t& frame) noexcept {
  Inbox::Arrival& arrival = inbox.arriving();
  if (const auto* deliver = method_in<amqp_basic_deliver_t>(frame, AMQP_BASIC_DELIVER_METHOD)) {
    arrival.tag = deliver->delivery_tag;
    arrival.body.clear();
    return;
  }
  if (frame.frame_type == AMQP_FRAME_HEADER) {
    arrival.wanted_bytes = frame.payload.properties.body_size;
  } else if (frame.frame_type == AMQP_FRAME_BODY) {
    const std::string_view part = text_of(frame.payload.body_fragment);
    const std::span<const std::byte> bytes = std::as_bytes(std::span(part));
    arrival.body.insert(arrival.body.end(), bytes.begin(), bytes.end());
  } else {
    return;
  }
  if (arrival.body.size() >= arrival.wanted_bytes) {
    inbox.arrived();
  }
}

}  // namespace spate::drivers::rabbitmq
