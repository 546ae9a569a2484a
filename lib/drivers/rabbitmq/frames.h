// AMQP 0-9-1 on the wire. rabbitmq-c knows how methods look; frames around them are 8 bytes.
#pragma once

#include <amqp.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace spate::drivers::rabbitmq {

// A frame without what it holds: type, channel, length before it, and a mark behind it.
inline constexpr std::size_t kFrameBytes = 8;

// The library's strings are not constant, though it only reads those that it is given.
inline amqp_bytes_t bytes_of(std::string_view text) {
  return {text.size(), const_cast<char*>(text.data())};
}
inline std::string_view text_of(amqp_bytes_t bytes) {
  return {static_cast<const char*>(bytes.bytes), bytes.len};
}

// `method`: the struct of that name in amqp_framing.h. Throws Error when it is too long to be sent.
void append_method(std::string& out, amqp_channel_t channel, amqp_method_number_t name,
                   void* method);
template <class Method>
void append_method(std::string& out, amqp_channel_t channel, amqp_method_number_t name,
                   Method method) {
  append_method(out, channel, name, static_cast<void*>(&method));
}
void append_heartbeat(std::string& out);

// All of a message but its body: where it goes, how it is kept, and how long it is.
class ContentBeginning {
 public:
  ContentBeginning(amqp_channel_t channel, std::string_view queue, bool persistent);
  void append_to(std::string& out, std::uint64_t body_bytes) const;

 private:
  std::string text_;
  std::size_t length_at_ = 0;
};
// In as many frames as it takes.
void append_body(std::string& out, amqp_channel_t channel, std::size_t most_frame_bytes,
                 std::span<const std::byte> body);

// As the frame has it; null where it is no method of that name.
template <class Method>
const Method* method_in(const amqp_frame_t& frame, amqp_method_number_t name) {
  const bool is_it = frame.frame_type == AMQP_FRAME_METHOD && frame.payload.method.id == name;
  return is_it ? static_cast<const Method*>(frame.payload.method.decoded) : nullptr;
}

}  // namespace spate::drivers::rabbitmq
