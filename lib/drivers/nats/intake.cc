#include "intake.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace spate::drivers::nats {
namespace {

// So long a request waits at the server; then it is made anew.
constexpr std::int64_t kRequestLivesNs = 30'000'000'000;
// What the server takes.
constexpr std::int64_t kShortestHeartbeatNs = 100'000'000;
constexpr std::int64_t kLongestHeartbeatNs = kRequestLivesNs / 2;

constexpr std::string_view kNothingNow = "100";
constexpr std::string_view kNothingAtOnce = "404";
constexpr std::string_view kRequestEnded = "408";
constexpr std::string_view kOneAtOnce = R"({"batch":1,"no_wait":true})";

std::string_view header_of(natsMsg& message, const char* name) {
  const char* value = nullptr;
  return natsMsgHeader_Get(&message, name, &value) == NATS_OK ? value : std::string_view{};
}

}  // namespace

Intake::Intake(const NatsRun& run, std::size_t place)
    : window_(run.window()),
      heartbeat_(fmt::format(R"("expires":{},"idle_heartbeat":{})", kRequestLivesNs,
                             heartbeat_ns(run.timeout_ns))),
      inbox_(run.inbox(place)) {}

std::int64_t Intake::heartbeat_ns(std::int64_t timeout_ns) {
  return std::clamp(timeout_ns / 4, kShortestHeartbeatNs, kLongestHeartbeatNs);
}

void Intake::begin(const Reader& reader) {
  subject_ = fmt::format("$JS.API.CONSUMER.MSG.NEXT.{}.{}", reader.stream, reader.name);
  asked_for_ = 0;
  begun_ = false;
  complaint_.clear();
}

void Intake::ask(Wire& wire) noexcept {
  if (!begun_) {
    if (asked_for_ == 0) {
      wire.publish(subject_.c_str(), inbox_.c_str(), std::as_bytes(std::span(kOneAtOnce)));
      asked_for_ = 1;
    }
    return;
  }
  if (asked_for_ > window_ / 2) {
    return;
  }
  const std::string request = fmt::format("{{\"batch\":{},{}}}", window_ - asked_for_, heartbeat_);
  wire.publish(subject_.c_str(), inbox_.c_str(), std::as_bytes(std::span(request)));
  asked_for_ = window_;
}

void Intake::end_of(std::size_t messages) noexcept {
  asked_for_ -= std::min(asked_for_, messages);
  begun_ = true;
}

void Intake::heed(natsMsg& status) noexcept {
  const std::string_view code = header_of(status, "Status");
  if (code == kNothingNow) {
    return;
  }
  if (code == kRequestEnded) {
    const std::string_view text = header_of(status, "Nats-Pending-Messages");
    std::size_t unused = asked_for_;
    std::from_chars(text.data(), text.data() + text.size(), unused);
    end_of(unused);
  } else if (code == kNothingAtOnce) {
    end_of(1);
  } else {
    complaint_ = fmt::format("it says: {} {}", code, header_of(status, "Description"));
  }
}

}  // namespace spate::drivers::nats
