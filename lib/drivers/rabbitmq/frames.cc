#include "frames.h"

#include <algorithm>
#include <array>

#include "spate/error.h"

namespace spate::drivers::rabbitmq {
namespace {

// No server may ask for frames that are shorter, so every method must find room in one.
constexpr std::size_t kMostMethodBytes = AMQP_FRAME_MIN_SIZE - kFrameBytes;

// AMQP has the highest byte first.
template <class Number>
void append_number(std::string& out, Number number) {
  for (std::size_t byte = sizeof number; byte-- > 0;) {
    out += static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * byte) & 0xFF);
  }
}

void begin_frame(std::string& out, std::uint8_t type, amqp_channel_t channel, std::size_t bytes) {
  append_number(out, type);
  append_number(out, channel);
  append_number(out, static_cast<std::uint32_t>(bytes));
}

void end_frame(std::string& out) { out += static_cast<char>(AMQP_FRAME_END); }

}  // namespace

void append_method(std::string& out, amqp_channel_t channel, amqp_method_number_t name,
                   void* method) {
  std::array<char, kMostMethodBytes> encoded;
  const std::size_t name_bytes = sizeof name;
  const int size = amqp_encode_method(name, method, {encoded.size() - name_bytes, encoded.data()});
  if (size < 0) {
    throw Error("rabbitmq: user, password, virtual host or queue's name is too long");
  }
  begin_frame(out, AMQP_FRAME_METHOD, channel, name_bytes + static_cast<std::size_t>(size));
  append_number(out, name);
  out.append(encoded.data(), static_cast<std::size_t>(size));
  end_frame(out);
}

void append_heartbeat(std::string& out) {
  begin_frame(out, AMQP_FRAME_HEARTBEAT, 0, 0);
  end_frame(out);
}

ContentBeginning::ContentBeginning(amqp_channel_t channel, std::string_view queue,
                                   bool persistent) {
  amqp_basic_publish_t publish{};
  publish.mandatory = 1;                  // else what has no queue is confirmed, and gone
  publish.routing_key = bytes_of(queue);  // of the exchange without a name, which has all queues
  append_method(text_, channel, AMQP_BASIC_PUBLISH_METHOD, publish);

  amqp_basic_properties_t properties{};
  properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG;
  properties.delivery_mode = persistent ? AMQP_DELIVERY_PERSISTENT : AMQP_DELIVERY_NONPERSISTENT;
  std::array<char, 16> encoded{};
  const auto size = static_cast<std::size_t>(
      amqp_encode_properties(AMQP_BASIC_CLASS, &properties, {encoded.size(), encoded.data()}));
  constexpr std::uint16_t kWeight = 0;  // unused, says the protocol
  constexpr std::uint16_t kClass = AMQP_BASIC_CLASS;
  begin_frame(text_, AMQP_FRAME_HEADER, channel,
              sizeof kClass + sizeof kWeight + sizeof(std::uint64_t) + size);
  append_number(text_, kClass);
  append_number(text_, kWeight);
  length_at_ = text_.size();
  append_number(text_, std::uint64_t{0});
  text_.append(encoded.data(), size);
  end_frame(text_);
}

void ContentBeginning::append_to(std::string& out, std::uint64_t body_bytes) const {
  out.append(text_, 0, length_at_);
  append_number(out, body_bytes);
  out.append(text_, length_at_ + sizeof body_bytes);
}

void append_body(std::string& out, amqp_channel_t channel, std::size_t most_frame_bytes,
                 std::span<const std::byte> body) {
  while (!body.empty()) {
    const std::span<const std::byte> part =
        body.first(std::min(body.size(), most_frame_bytes - kFrameBytes));
    begin_frame(out, AMQP_FRAME_BODY, channel, part.size());
    out.append(reinterpret_cast<const char*>(part.data()), part.size());
    end_frame(out);
    body = body.subspan(part.size());
  }
}

}  // namespace spate::drivers::rabbitmq
