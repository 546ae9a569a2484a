#include "connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include "spate/error.h"

namespace spate::drivers::rabbitmq {
namespace {

// "AMQP", then the protocol's version.
constexpr std::string_view kGreeting("AMQP\0\0\x09\x01", 8);
constexpr std::size_t kInboxBytes = 65'536;
constexpr std::uint32_t kMostFrameBytes = 131'072;
constexpr std::string_view kMechanism = "PLAIN";

// `words`: with a blank between each two.
bool has_word(std::string_view words, std::string_view word) {
  return fmt::format(" {} ", words).find(fmt::format(" {} ", word)) != std::string::npos;
}

amqp_table_entry_t entry(std::string_view name, std::string_view text) {
  amqp_table_entry_t made{};
  made.key = bytes_of(name);
  made.value.kind = AMQP_FIELD_KIND_UTF8;
  made.value.value.bytes = bytes_of(text);
  return made;
}
amqp_table_entry_t can(std::string_view name) {
  amqp_table_entry_t made{};
  made.key = bytes_of(name);
  made.value.kind = AMQP_FIELD_KIND_BOOLEAN;
  made.value.value.boolean = 1;
  return made;
}

std::string_view text_in(const amqp_table_t& table, std::string_view name) {
  for (int at = 0; at < table.num_entries; ++at) {
    const amqp_table_entry_t& one = table.entries[at];
    if (text_of(one.key) == name && one.value.kind == AMQP_FIELD_KIND_UTF8) {
      return text_of(one.value.value.bytes);
    }
  }
  return "unknown";
}

// Zero stands for "no limit".
template <class Number>
Number smaller(Number theirs, Number ours) {
  return theirs == 0 ? ours : std::min(theirs, ours);
}

}  // namespace

Login::Login(const Address& given, std::int64_t timeout_ns)
    : address(given),
      virtual_host(given.path.empty() ? "/" : given.path),
      heartbeat_s(
          static_cast<std::uint16_t>(std::clamp<std::int64_t>(timeout_ns / 1'000'000'000, 1, 600))),
      tls(given.scheme == "amqps" ? tls_context() : nullptr) {
  constexpr std::size_t kMostBytes = 255;
  if (std::max({virtual_host.size(), given.user.size(), given.password.size()}) > kMostBytes) {
    throw Error(fmt::format("rabbitmq: user, password and virtual host may have {} bytes each",
                            kMostBytes));
  }
  // What a server of one's own has from its beginning.
  const bool nobody = given.user.empty() && given.password.empty();
  response += '\0';
  response += nobody ? "guest" : given.user;
  response += '\0';
  response += nobody ? "guest" : given.password;
}

Connection::Connection(const Login& login, const SocketAddress& where)
    : login_(login),
      stream_(where, login.tls.get(), login.address.first().host),
      state_(amqp_new_connection()),
      outbox_(kGreeting),
      inbox_(kInboxBytes),
      heartbeat_s_(login.heartbeat_s),
      heard_ns_(clock_.now_ns()),
      wrote_ns_(heard_ns_) {
  if (state_ == nullptr) {
    throw std::bad_alloc();
  }
  write();
}

Connection::~Connection() {
  // In the middle of a frame it would only be damage.
  if (open_ && !lost() && !closing_ && all_written()) {
    begin_to_close();
  }
}

void Connection::begin_to_close() noexcept {
  constexpr std::uint16_t kFine = 200;
  append_method(outbox_, 0, AMQP_CONNECTION_CLOSE_METHOD,
                amqp_connection_close_t{kFine, bytes_of("done"), 0, 0});
  closing_ = true;
  write();
}

void Connection::write() noexcept {
  while (!outbox_.empty()) {
    const std::size_t written = stream_.write(std::string_view(outbox_).substr(written_));
    if (written == 0) {
      return;
    }
    wrote_ns_ = clock_.now_ns();
    written_ += written;
    if (written_ == outbox_.size()) {
      outbox_.clear();
      written_ = 0;
    }
  }
}

bool Connection::fill() noexcept {
  const std::size_t got = stream_.read(inbox_);
  unread_ = std::span(inbox_).first(got);
  if (got > 0) {
    heard_ns_ = clock_.now_ns();
  } else if (stream_.broken()) {
    lose(stream_.why());
  }
  return got > 0;
}

void Connection::lose(std::string why) noexcept {
  if (!lost()) {
    why_ = std::move(why);
  }
}

const amqp_frame_t* Connection::receive() noexcept {
  while (!lost() && (!unread_.empty() || fill())) {
    const amqp_frame_t* const frame = decode();
    if (frame != nullptr && !is_own(*frame)) {
      return frame;
    }
  }
  return nullptr;
}

const amqp_frame_t* Connection::decode() noexcept {
  amqp_maybe_release_buffers(state_.get());
  const int used = amqp_handle_input(state_.get(), {unread_.size(), unread_.data()}, &frame_);
  if (used < 0) {
    lose(fmt::format("it does not speak AMQP 0-9-1 ({})", amqp_error_string2(used)));
    return nullptr;
  }
  unread_ = unread_.subspan(static_cast<std::size_t>(used));
  return frame_.frame_type != 0 ? &frame_ : nullptr;
}

// True when the frame is about the connection, and has been dealt with.
bool Connection::is_own(const amqp_frame_t& frame) noexcept {
  if (frame.frame_type == AMQP_FRAME_HEARTBEAT) {
    return true;
  }
  if (const auto* close = method_in<amqp_channel_close_t>(frame, AMQP_CHANNEL_CLOSE_METHOD)) {
    take_close(*close);  // a channel of ours that is closed is of no more use than a connection
    return true;
  }
  if (frame.channel != 0) {
    return false;
  }
  if (frame.frame_type != AMQP_FRAME_METHOD) {
    lose("it speaks another version of AMQP than 0-9-1");
    return true;
  }
  answer(frame);
  write();
  return true;
}

// What the server says on channel 0. Login has made sure that no answer is too long.
void Connection::answer(const amqp_frame_t& frame) {
  if (const auto* start = method_in<amqp_connection_start_t>(frame, AMQP_CONNECTION_START_METHOD)) {
    take_start(*start);
  } else if (const auto* tune =
                 method_in<amqp_connection_tune_t>(frame, AMQP_CONNECTION_TUNE_METHOD)) {
    take_tune(*tune);
  } else if (const auto* close =
                 method_in<amqp_connection_close_t>(frame, AMQP_CONNECTION_CLOSE_METHOD)) {
    append_method(outbox_, 0, AMQP_CONNECTION_CLOSE_OK_METHOD, amqp_connection_close_ok_t{});
    take_close(*close);
  } else if (const auto* blocked =
                 method_in<amqp_connection_blocked_t>(frame, AMQP_CONNECTION_BLOCKED_METHOD)) {
    blocked_ = fmt::format("it takes no messages: {}", text_of(blocked->reason));
  } else if (frame.payload.method.id == AMQP_CONNECTION_UNBLOCKED_METHOD) {
    blocked_.clear();
  } else if (frame.payload.method.id == AMQP_CONNECTION_OPEN_OK_METHOD) {
    open_ = true;
  } else if (frame.payload.method.id == AMQP_CONNECTION_CLOSE_OK_METHOD) {
    lose("it is closed, as we wished");
  }
}

void Connection::take_start(const amqp_connection_start_t& start) {
  greeted_ = true;
  const std::string_view product = text_in(start.server_properties, "product");
  product_ = fmt::format("{} {}", product == "RabbitMQ" ? "rabbitmq" : product,
                         text_in(start.server_properties, "version"));
  if (!has_word(text_of(start.mechanisms), kMechanism)) {
    lose("it lets nobody in by user and password");
    return;
  }
  // Without them the server would keep to itself why it closes a connection, that it takes no
  // messages, and that a queue is gone.
  std::array capabilities{can("authentication_failure_close"), can("connection.blocked"),
                          can("consumer_cancel_notify"), can("publisher_confirms")};
  std::array properties{entry("product", "spate"), amqp_table_entry_t{}};
  properties[1].key = bytes_of("capabilities");
  properties[1].value.kind = AMQP_FIELD_KIND_TABLE;
  properties[1].value.value.table = {static_cast<int>(capabilities.size()), capabilities.data()};
  append_method(outbox_, 0, AMQP_CONNECTION_START_OK_METHOD,
                amqp_connection_start_ok_t{{static_cast<int>(properties.size()), properties.data()},
                                           bytes_of(kMechanism),
                                           bytes_of(login_.response),
                                           bytes_of("en_US")});
}

void Connection::take_tune(const amqp_connection_tune_t& tune) {
  const std::uint32_t frame_bytes = smaller(tune.frame_max, kMostFrameBytes);
  most_frame_bytes_ = frame_bytes;
  amqp_tune_connection(state_.get(), tune.channel_max, static_cast<int>(frame_bytes), 0);
  heartbeat_s_ = smaller(tune.heartbeat, login_.heartbeat_s);
  append_method(outbox_, 0, AMQP_CONNECTION_TUNE_OK_METHOD,
                amqp_connection_tune_ok_t{tune.channel_max, frame_bytes, heartbeat_s_});
  append_method(
      outbox_, 0, AMQP_CONNECTION_OPEN_METHOD,
      amqp_connection_open_t{bytes_of(login_.virtual_host), amqp_empty_bytes, /*insist=*/1});
}

template <class Close>
void Connection::take_close(const Close& close) {
  refusal_ = close.reply_code;
  lose(close.reply_text.len > 0 ? std::string(text_of(close.reply_text))
                                : fmt::format("code {}, without a reason", refusal_));
}

}  // namespace spate::drivers::rabbitmq
