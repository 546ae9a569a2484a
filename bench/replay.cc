#include "replay.h"

#include <fmt/format.h>

#include <cstdint>

#include "spate/bench/modes.h"

namespace spate::bench {
namespace {

std::string digest_of(const Json& row, const char* name) {
  return row.at("spate").at(name).get<std::string>();
}

bool mock_repeats(const Json& row) {
  const Json& cell = row.at("spate").at("cell");
  const std::string mode = cell.at("mode").get<std::string>();
  const bool timed = cell.at("rate").get<std::uint64_t>() == 0 &&
                     cell.at("chaos").at("downtime_ns").get<std::int64_t>() > 0;
  return mode == "sim" || (mode == "mock" && row.at("shed").get<std::uint64_t>() == 0 && !timed);
}

}  // namespace

std::string repeatable_digests(const Json& row) {
  const std::string digest = digest_of(row, "digest");
  return mock_repeats(row) ? fmt::format("{}:{}", digest, digest_of(row, "mock_digest")) : digest;
}

std::string digest_difference(const Json& row, const std::string& expected) {
  if (expected.empty()) {
    return "";
  }
  const std::size_t colon = expected.find(':');
  const std::string digest = digest_of(row, "digest");
  if (digest != expected.substr(0, colon)) {
    return fmt::format(
        "digest {} is not the expected {}: other messages or other chaos than then; give the same "
        "seed and flags, or look for what changed the draws",
        digest, expected.substr(0, colon));
  }
  const std::string mock_digest = digest_of(row, "mock_digest");
  const bool mocked = mode_named(row.at("spate").at("cell").at("mode").get<std::string>()).mocked();
  if (mocked && colon != std::string::npos && mock_digest != expected.substr(colon + 1)) {
    return fmt::format(
        "the mock's digest {} is not the expected {}: the mock drew other latencies or failures "
        "than then",
        mock_digest, expected.substr(colon + 1));
  }
  return "";
}

}  // namespace spate::bench
