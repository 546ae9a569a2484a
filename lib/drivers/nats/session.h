// What happens at a NATS server before and after a run.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "handles.h"
#include "spate/drivers/address.h"

namespace spate::drivers::nats {

inline bool has_tls(const Address& address) { return address.scheme == "tls"; }

// Who we are, and where the servers are. A connection that is lost stays lost.
Options options_for(const Address& address, std::int64_t timeout_ns);
// Throws Error with what is wrong and what to do about it.
Connection connect(const Address& address, natsOptions& options);

// How a stream keeps what it has, as the address asks for it.
struct Storage {
  bool file = true;
  std::int64_t replicas = 1;
};

// The consumer of a stream, in the server's sense of the word: what has been read and what not. It
// sends so many messages as it is asked for.
struct Reader {
  std::string stream;
  std::string name;
  std::int64_t most_unacknowledged = 1;
};

// A connection for requests: each is answered within `timeout_ns`, or an Error is thrown. One
// thread, but for those that the library has.
class Session {
 public:
  Session(const Address& address, std::int64_t timeout_ns);

  // What a run needs. They throw Error when it is forbidden, or JetStream is off, or not for us.
  void check_permissions();
  void check_jetstream();

  void make_stream(const std::string& name, const std::string& subject, const Storage& storage);
  void remove_stream(const std::string& name);
  void make_reader(const Reader& reader);
  void remove_reader(const std::string& stream, const std::string& name);
  std::int64_t largest_message_bytes() { return natsConnection_GetMaxPayload(connection_.get()); }

 private:
  void demand(natsStatus status, jsErrCode code, std::string_view what);

  std::string shown_;
  std::int64_t timeout_ms_;
  Connection connection_;
  JetStream jetstream_;
};

}  // namespace spate::drivers::nats
