#include "spate/drivers/envelope.h"

#include <gtest/gtest.h>

#include <vector>

#include "spate/stress_run.h"
#include "support/messages.h"

namespace spate::drivers {
namespace {

using testing_support::message_of;

struct Post {
  Post() : payloads(payloads_for(RunPlan{})), envelope(payloads) {}

  std::vector<std::byte> written(const Message& message) const {
    std::vector<std::byte> bytes(envelope.buffer_bytes());
    bytes.resize(envelope.write(message, bytes.data()));
    return bytes;
  }
  // What the receiver would find.
  bool whole(const Received& received) const {
    return payloads->checksum(received.message, received.payload) == received.checksum;
  }

  std::shared_ptr<const Payloads> payloads;
  Envelope envelope;
};

bool alien(const Received& received) {
  return received.message.sender >= kMaxAgents && received.payload.data() == nullptr;
}

Message some_message() {
  Message message = message_of(3, 5, 77, MessageType::urgent);
  message.sequence = 12;
  message.worker = 2;
  message.intended_ns = 123'456'789;
  message.sent_ns = 123'456'999;
  return message;
}

TEST(Envelope, BringsBackWhatWasPutIn) {
  const Post run;
  const Message sent = some_message();
  const std::vector<std::byte> bytes = run.written(sent);
  EXPECT_GT(bytes.size(), Envelope::kHeaderBytes);
  EXPECT_LE(bytes.size(), run.envelope.max_bytes());
  const Received received = run.envelope.read(bytes);
  EXPECT_EQ(received.message.sender, sent.sender);
  EXPECT_EQ(received.message.recipient, sent.recipient);
  EXPECT_EQ(received.message.ordinal, sent.ordinal);
  EXPECT_EQ(received.message.sequence, sent.sequence);
  EXPECT_EQ(received.message.worker, sent.worker);
  EXPECT_EQ(received.message.type, sent.type);
  EXPECT_EQ(received.message.intended_ns, sent.intended_ns);
  EXPECT_EQ(received.message.sent_ns, sent.sent_ns);
  EXPECT_EQ(received.payload.data(), bytes.data() + Envelope::kHeaderBytes) << "no copy";
  EXPECT_TRUE(run.whole(received));
}

// Times are not part of the identity; a flipped bit there is a wrong time, and nobody can tell.
TEST(Envelope, NoDamageIsTakenForTheMessage) {
  const Post run;
  const std::vector<std::byte> bytes = run.written(some_message());
  constexpr std::size_t kTimesBegin = 16;
  constexpr std::size_t kTimesEnd = 32;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (at >= kTimesBegin && at < kTimesEnd) {
      continue;
    }
    std::vector<std::byte> damaged = bytes;
    damaged[at] ^= std::byte{0x10};
    const Received received = run.envelope.read(damaged);
    const bool padding = at >= Envelope::kHeaderBytes - 5 && at < Envelope::kHeaderBytes;
    EXPECT_EQ(alien(received), at < 8) << at << ": the run's key";
    EXPECT_TRUE(alien(received) || padding || !run.whole(received)) << at;
  }
}

TEST(Envelope, WhatIsCutShortIsNotWhole) {
  const Post run;
  const std::vector<std::byte> bytes = run.written(some_message());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Received received = run.envelope.read(std::span(bytes).first(size));
    EXPECT_TRUE(alien(received) || !run.whole(received)) << size;
    EXPECT_EQ(alien(received), size < Envelope::kHeaderBytes);
  }
}

TEST(Envelope, OfAnotherRunIsAnAlien) {
  const Post run;
  const Post other;
  EXPECT_NE(run.payloads->run_key(), other.payloads->run_key());
  EXPECT_TRUE(alien(run.envelope.read(other.written(some_message()))));
}

}  // namespace
}  // namespace spate::drivers
