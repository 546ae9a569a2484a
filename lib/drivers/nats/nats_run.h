// What the handles of one run share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "session.h"
#include "spate/drivers/address.h"
#include "spate/drivers/envelope.h"
#include "spate/drivers/troubles.h"
#include "spate/message.h"

namespace spate::drivers::nats {

// Where the messages of one worker and lane go: a stream with one subject. The name of a stream has
// no dots, so that the two differ.
struct Place {
  std::string stream;
  std::string subject;
};

// Immutable during the run but for the troubles.
struct NatsRun {
  Address address;
  std::int64_t timeout_ns;
  Troubles& troubles;
  std::uint32_t workers;
  std::uint32_t capacity;
  Envelope envelope;
  std::string name;
  std::vector<Place> places;  // by place_of()
  Storage storage;

  // So many messages of a place may have been asked for that were not handed over yet.
  std::size_t window() const;
  // Where a worker's consumer listens for what comes of a place.
  std::string inbox(std::size_t place) const;
  // What reads the place, in its `generation`: after each lost connection there is a new one.
  Reader reader(std::size_t place, std::uint64_t generation) const;
};

}  // namespace spate::drivers::nats
