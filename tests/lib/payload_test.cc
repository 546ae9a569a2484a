#include "spate/payload.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "support/messages.h"

namespace spate {
namespace {

using namespace testing_support;

constexpr std::uint64_t kRunKey = 77;
constexpr auto kGuard = std::byte{0xa5};
constexpr std::size_t kGuards = 64;

constexpr Message kMessage = message_of(2, 5, 41, MessageType::system);

Payloads payloads_of(std::optional<std::uint32_t> fixed_bytes, std::uint64_t run_key = kRunKey) {
  return {ContentTemplates::built_in(), fixed_bytes, run_key, message_of(9, 9, 1'000'000)};
}

std::string text_of(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte byte : bytes) {
    text += static_cast<char>(byte);
  }
  return text;
}

std::string content_of(const Message& message) {
  const ContentTemplates templates = ContentTemplates::built_in();
  const ContentTemplate& content = templates.of(message);
  std::vector<std::byte> buffer(content.length(message) + ContentTemplate::kSlack);
  return text_of(std::span(buffer).first(content.render(message, buffer.data())));
}

std::string written(const Payloads& payloads, const Message& message) {
  std::vector<std::byte> buffer(payloads.buffer_bytes() + kGuards, kGuard);
  const std::size_t size = payloads.write(message, buffer.data());
  EXPECT_LE(size, payloads.max_bytes());
  EXPECT_LE(size, payloads.buffer_bytes());
  EXPECT_EQ(std::count(buffer.end() - kGuards, buffer.end(), kGuard), kGuards)
      << "written beyond buffer_bytes()";
  return text_of(std::span(buffer).first(size));
}

// Content.

TEST(Payloads, AreAsLongAsTheirContent) {
  EXPECT_EQ(written(payloads_of(std::nullopt), kMessage), content_of(kMessage));
}

TEST(Payloads, ArePaddedOrCutToTheFixedSize) {
  for (std::uint32_t bytes = 0; bytes <= 200; ++bytes) {
    std::string expected = content_of(kMessage);
    expected.resize(bytes, ' ');
    EXPECT_EQ(written(payloads_of(bytes), kMessage), expected);
  }
  std::string expected = content_of(kMessage);
  expected.resize(65'536, ' ');
  EXPECT_TRUE(written(payloads_of(65'536), kMessage) == expected);
}

TEST(Payloads, AreNeverLongerThanTheyPromise) {
  const Message last = message_of(9, 9, 1'000'000);
  const Payloads payloads(ContentTemplates::built_in(), std::nullopt, kRunKey, last);
  for (std::size_t type = 0; type < kMessageTypes; ++type) {
    for (std::uint64_t sequence = 999'990; sequence <= 1'000'000; ++sequence) {
      const Message message = message_of(9, 8, sequence, static_cast<MessageType>(type));
      EXPECT_LE(written(payloads, message).size(), payloads.max_bytes());
    }
  }
}

// Checksum.

std::vector<std::byte> bytes_of(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t at = 0; at < size; ++at) {
    bytes[at] = static_cast<std::byte>(at * 7 + 3);
  }
  return bytes;
}

void expect_every_flip_found(std::size_t size, std::size_t stride) {
  const Payloads payloads = payloads_of(std::nullopt);
  std::vector<std::byte> bytes = bytes_of(size);
  const std::uint64_t sum = payloads.checksum(kMessage, bytes);
  EXPECT_EQ(payloads.checksum(kMessage, bytes), sum);
  for (std::size_t bit = 0; bit < size * 8; bit += stride) {
    const auto mask = static_cast<std::byte>(1U << (bit % 8));
    bytes[bit / 8] ^= mask;
    EXPECT_NE(payloads.checksum(kMessage, bytes), sum) << size << " bytes, bit " << bit;
    bytes[bit / 8] ^= mask;
  }
}

TEST(Checksum, NoticesAnyFlippedBit) {
  for (std::size_t size = 0; size <= 200; ++size) {
    expect_every_flip_found(size, 1);
  }
}

// 4'003 is a prime, so every position within a byte and within a step of the sum is met.
TEST(Checksum, NoticesFlippedBitsAllOverALargePayload) { expect_every_flip_found(65'536, 4'003); }

TEST(Checksum, NoticesAMissingOrAddedByte) {
  const Payloads payloads = payloads_of(std::nullopt);
  const std::vector<std::byte> zeros(201);
  for (std::size_t size = 0; size < 200; ++size) {
    EXPECT_NE(payloads.checksum(kMessage, std::span(zeros).first(size)),
              payloads.checksum(kMessage, std::span(zeros).first(size + 1)))
        << size;
  }
}

TEST(Checksum, NoticesSwappedBlocks) {
  const Payloads payloads = payloads_of(std::nullopt);
  std::vector<std::byte> bytes = bytes_of(64);
  const std::uint64_t sum = payloads.checksum(kMessage, bytes);
  std::swap_ranges(bytes.begin(), bytes.begin() + 16, bytes.begin() + 16);
  EXPECT_NE(payloads.checksum(kMessage, bytes), sum);
}

TEST(Checksum, NoticesAnyChangedBitOfTheIdentity) {
  const Payloads payloads = payloads_of(std::nullopt);
  for (const std::size_t size : {std::size_t{0}, std::size_t{16}, std::size_t{53}}) {
    const std::vector<std::byte> bytes = bytes_of(size);
    const std::uint64_t sum = payloads.checksum(kMessage, bytes);
    const auto expect_noticed = [&](const char* what, const Message& other) {
      EXPECT_NE(payloads.checksum(other, bytes), sum) << what;
    };
    for (unsigned bit = 0; bit < 64; ++bit) {
      Message other = kMessage;
      other.sequence ^= std::uint64_t{1} << bit;
      expect_noticed("sequence", other);
      other = kMessage;
      other.ordinal ^= std::uint64_t{1} << bit;
      expect_noticed("ordinal", other);
    }
    for (unsigned bit = 0; bit < 32; ++bit) {
      Message other = kMessage;
      other.sender ^= 1U << bit;
      expect_noticed("sender", other);
      other = kMessage;
      other.recipient ^= 1U << bit;
      expect_noticed("recipient", other);
    }
    for (unsigned bit = 0; bit < 16; ++bit) {
      Message other = kMessage;
      other.worker = static_cast<std::uint16_t>(other.worker ^ 1U << bit);
      expect_noticed("worker", other);
    }
    for (const MessageType type :
         {MessageType::text, MessageType::broadcast, MessageType::urgent}) {
      Message other = kMessage;
      other.type = type;
      expect_noticed("type", other);
    }
  }
}

TEST(Checksum, NoticesSenderAndRecipientInEachOthersPlace) {
  Message swapped = kMessage;
  std::swap(swapped.sender, swapped.recipient);
  const Payloads payloads = payloads_of(std::nullopt);
  EXPECT_NE(payloads.checksum(swapped, bytes_of(20)), payloads.checksum(kMessage, bytes_of(20)));
}

TEST(Checksum, TellsRunsApart) {
  const std::vector<std::byte> bytes = bytes_of(40);
  EXPECT_NE(payloads_of(std::nullopt, kRunKey).checksum(kMessage, bytes),
            payloads_of(std::nullopt, kRunKey + 1).checksum(kMessage, bytes));
}

}  // namespace
}  // namespace spate
