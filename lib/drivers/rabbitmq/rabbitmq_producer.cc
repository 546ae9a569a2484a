#include "rabbitmq_producer.h"

#include <fmt/format.h>

#include <algorithm>

#include "spate/drivers/naming.h"

namespace spate::drivers::rabbitmq {
namespace {

constexpr amqp_channel_t kChannel = 1;
// More is not written at once, give or take one message: no call is to be long.
constexpr std::size_t kEnoughBytes = 262'144;

Prologues prologues(const RabbitmqRun& run) {
  Prologues both;
  for (Prologue* const prologue : {&both.usual, &both.anew}) {
    prologue->add(kChannel, AMQP_CHANNEL_OPEN_METHOD, amqp_channel_open_t{});
    prologue->add(kChannel, AMQP_CONFIRM_SELECT_METHOD, amqp_confirm_select_t{});
  }
  for (const std::string& queue : run.queues) {
    both.usual.look_for(kChannel, queue);
    both.anew.make(kChannel, queue, run.keeping.queue);
  }
  return both;
}

}  // namespace

RabbitmqProducer::RabbitmqProducer(const RabbitmqRun& run, WorkerId worker)
    : run_(run),
      link_(run, prologues(run), fmt::format("sending, worker {}", worker),
            {run.envelope.run_key(), Backoff::Of::producer, worker}),
      outstanding_(run.capacity),
      answered_ns_(SteadyClock{}.now_ns()),
      body_(run.envelope.buffer_bytes()) {
  for (const std::string& queue : run.queues) {
    beginnings_.emplace_back(kChannel, queue, run.keeping.persistent);
  }
}

std::size_t RabbitmqProducer::try_send(std::span<const Message> batch) noexcept {
  const std::span<const Message> fitting = batch.first(std::min(batch.size(), outstanding_.room()));
  if (!link_.up()) {
    return link_.given_up() ? outstanding_.refuse(fitting) : 0;
  }
  if (fitting.empty() || !link_.has_room() || link_.blocked()) {
    return 0;
  }
  if (outstanding_.open() == 0) {
    answered_ns_ = SteadyClock{}.now_ns();  // from now on an answer may be waited for
  }
  std::size_t taken = 0;
  while (taken < fitting.size() && link_.outbox().size() < kEnoughBytes) {
    const Message& message = fitting[taken++];
    outstanding_.add(message);
    append_publish(message);
  }
  link_.send();
  return taken;
}

void RabbitmqProducer::append_publish(const Message& message) noexcept {
  const std::size_t size = run_.envelope.write(message, body_.data());
  std::string& out = link_.outbox();
  beginnings_[place_of(message, run_.workers)].append_to(out, size);
  append_body(out, kChannel, link_.most_frame_bytes(), std::span(body_).first(size));
}

std::size_t RabbitmqProducer::poll(std::span<Settlement> out) noexcept {
  while (const amqp_frame_t* const frame = link_.receive()) {
    take(*frame);
  }
  const std::int64_t now_ns = SteadyClock{}.now_ns();
  look_whether_answers_come(now_ns);
  if (link_.tend(now_ns)) {
    outstanding_.settle_below(outstanding_.end(), Outcome::unknown);
    first_ = outstanding_.end();
  }
  return outstanding_.collect(out);
}

void RabbitmqProducer::take(const amqp_frame_t& frame) noexcept {
  if (const auto* ack = method_in<amqp_basic_ack_t>(frame, AMQP_BASIC_ACK_METHOD)) {
    settle(ack->delivery_tag, ack->multiple != 0, Outcome::acked);
  } else if (const auto* nack = method_in<amqp_basic_nack_t>(frame, AMQP_BASIC_NACK_METHOD)) {
    run_.troubles.add(
        "rabbitmq: the server refused messages by basic.nack: a queue is full, or it "
        "could not keep them");
    settle(nack->delivery_tag, nack->multiple != 0, Outcome::rejected);
  } else if (method_in<amqp_basic_return_t>(frame, AMQP_BASIC_RETURN_METHOD) != nullptr) {
    link_.lose_queue();  // before this message is confirmed, which it will be
  }
}

void RabbitmqProducer::settle(std::uint64_t tag, bool and_all_before, Outcome outcome) noexcept {
  const std::uint64_t number = first_ + tag - 1;
  const std::uint64_t oldest = outstanding_.begin();
  if (and_all_before) {
    outstanding_.settle_below(number + 1, outcome);
  } else {
    outstanding_.settle(number, outcome);
  }
  if (outstanding_.begin() != oldest) {
    answered_ns_ = SteadyClock{}.now_ns();
  }
}

void RabbitmqProducer::look_whether_answers_come(std::int64_t now_ns) noexcept {
  if (outstanding_.open() == 0 || !link_.up()) {
    return;
  }
  if (link_.blocked()) {
    answered_ns_ = now_ns;  // it has said why it gives none; the link sees to it that this ends
  } else if (now_ns - answered_ns_ > run_.timeout_ns) {
    link_.lose("it does not confirm what was sent");
  }
}

}  // namespace spate::drivers::rabbitmq
