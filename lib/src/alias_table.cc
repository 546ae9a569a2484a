#include "spate/alias_table.h"

namespace spate {
namespace {

// A bucket and what is left of its count, in units in which a column holds the total.
struct Part {
  std::uint32_t bucket;
  Uint128 left;
};

}  // namespace

AliasTable::AliasTable(const LatencyRecorder& recorded) {
  std::vector<Part> parts;
  for (std::uint32_t bucket = 0; bucket < LatencyRecorder::kBuckets; ++bucket) {
    if (const std::uint64_t count = recorded.counts()[bucket]; count > 0) {
      parts.push_back({bucket, count});
    }
  }
  const Uint128 column_holds = recorded.count();
  std::vector<Part> small;
  std::vector<Part> large;
  for (Part part : parts) {
    part.left *= parts.size();
    (part.left < column_holds ? small : large).push_back(part);
  }
  columns_.reserve(parts.size());
  while (!small.empty()) {
    const Part own = small.back();
    small.pop_back();
    Part& other = large.back();  // as long as one has too little, another has too much
    columns_.push_back(
        {static_cast<std::uint64_t>((own.left << 64) / column_holds), own.bucket, other.bucket});
    other.left -= column_holds - own.left;
    if (other.left < column_holds) {
      small.push_back(other);
      large.pop_back();
    }
  }
  for (const Part& part : large) {
    columns_.push_back({0, part.bucket, part.bucket});  // just full
  }
}

}  // namespace spate
