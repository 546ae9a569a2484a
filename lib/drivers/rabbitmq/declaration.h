// How a queue of ours is declared.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "frames.h"

namespace spate::drivers::rabbitmq {

// An unused queue of a run vanishes after so long.
inline constexpr std::int32_t kUnusedSeconds = 3600;

// Durable, and gone when nobody has used it for `unused_s`. Declaring a queue that is there, as it
// is, changes nothing. What method() gives refers to this.
class Declaration {
 public:
  Declaration(std::string_view queue, std::string_view type, std::int32_t unused_s)
      : queue_(queue) {
    arguments_[0].key = bytes_of("x-expires");
    arguments_[0].value.kind = AMQP_FIELD_KIND_I32;
    arguments_[0].value.value.i32 = unused_s * 1000;
    arguments_[1].key = bytes_of("x-queue-type");
    arguments_[1].value.kind = AMQP_FIELD_KIND_UTF8;
    arguments_[1].value.value.bytes = bytes_of(type);
  }

  amqp_queue_declare_t method() {
    amqp_queue_declare_t declare{};
    declare.queue = bytes_of(queue_);
    declare.durable = 1;
    declare.arguments = {static_cast<int>(arguments_.size()), arguments_.data()};
    return declare;
  }

 private:
  std::string_view queue_;
  std::array<amqp_table_entry_t, 2> arguments_{};
};

}  // namespace spate::drivers::rabbitmq
