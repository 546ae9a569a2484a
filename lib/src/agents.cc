#include "spate/agents.h"

#include <fmt/format.h>

#include <charconv>
#include <string>
#include <utility>

#include "spate/error.h"

namespace spate {
namespace {

constexpr std::uint32_t kMaxWeight = 1'000'000;

Error bad_mix(std::string_view text, std::string_view why) {
  return Error(fmt::format(
      "types '{}': {}; give a list of text, broadcast, system, urgent, each with an optional "
      "weight 0..{}, such as 'text=3,urgent'",
      text, why, kMaxWeight));
}

std::size_t type_named(std::string_view name, std::string_view text) {
  for (std::size_t type = 0; type < kMessageTypes; ++type) {
    if (kMessageTypeNames[type] == name) {
      return type;
    }
  }
  throw bad_mix(text, fmt::format("'{}' is not a message type", name));
}

std::uint32_t parse_weight(std::string_view digits, std::string_view text) {
  std::uint32_t weight = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), weight);
  if (error != std::errc{} || end != digits.data() + digits.size() || weight > kMaxWeight) {
    throw bad_mix(text, fmt::format("'{}' is not a weight", digits));
  }
  return weight;
}

}  // namespace

TypeMix::TypeMix(Weights weights) : weights_(weights) {
  for (std::size_t type = 0; type < kMessageTypes; ++type) {
    total_ += weights_[type];
    cumulative_[type] = total_;
  }
  if (total_ == 0) {
    throw Error("types: every weight is 0; give at least one message type a positive weight");
  }
}

TypeMix TypeMix::parse(std::string_view text) {
  Weights weights{};
  std::array<bool, kMessageTypes> given{};
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view item = text.substr(begin, end - begin);
    const std::size_t equals = item.find('=');
    const std::size_t type = type_named(item.substr(0, equals), text);
    if (std::exchange(given[type], true)) {
      throw bad_mix(text, fmt::format("'{}' is given twice", kMessageTypeNames[type]));
    }
    weights[type] =
        equals == std::string_view::npos ? 1 : parse_weight(item.substr(equals + 1), text);
    begin = end + 1;
  }
  return TypeMix(weights);
}

double TypeMix::mean_fanout(std::uint32_t agents) const {
  const double broadcasts = weights_[index_of(MessageType::broadcast)];
  return 1.0 + broadcasts / static_cast<double>(total_) * (agents - 2.0);
}

}  // namespace spate
