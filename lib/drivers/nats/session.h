// What happens at a NATS server before and after a run.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "handles.h"
#include "spate/drivers/address.h"

namespace spate::drivers::nats {

std::int64_t milliseconds(std::int64_t ns);

// How long each step may take, and whether another attempt follows when this one fails.
struct Attempt {
  std::int64_t limit_ns;
  bool one_of_many = false;
};

// Connects to the first of the servers that answers; a connection that is lost stays lost.
// `further`: sets what other options there are to be. Throws Error with what is wrong and what to
// do about it.
//
// Without TLS the library waits without end for what follows a server's greeting, whatever its
// timeout is; so it is led only to a server that has just answered all of that. If that one falls
// silent in the moment between, this call waits until the connection is closed; over TLS, where
// nothing is asked before, it does so for any server that greets and is silent then.
//
// Nor does the library see the end of a line whose two characters come apart while it connects. Of
// a greeting it waits for the rest until its timeout; of what follows, until the server says more,
// which it does after two seconds. Where another attempt follows, this step may take little more
// than the server has just needed to answer the same.
Connection connect(const Address& address, const Attempt& attempt,
                   const std::function<void(natsOptions& options)>& further = {});

std::string server_id_of(natsConnection& connection);

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

// A connection for requests: each is answered within the attempt's limit, or an Error is thrown.
// One thread, but for those that the library has.
class Session {
 public:
  Session(const Address& address, const Attempt& attempt);

  // What a run needs. They throw Error when it is forbidden, or JetStream is off, or not for us.
  void check_permissions();
  void check_jetstream();

  void make_stream(const std::string& name, const std::string& subject, const Storage& storage);
  // Whether there is one that keeps what is published there.
  bool has_stream(const std::string& name, const std::string& subject);
  // A stream and its one reader. Nothing is taken, and kept for nobody, before there are both.
  void make_stream_read_by(const Reader& reader, const std::string& subject,
                           const Storage& storage);
  // Making a reader that is there, or removing what is not, is done at once.
  void remove_stream(const std::string& name);
  void make_reader(const Reader& reader);
  void remove_reader(const std::string& stream, const std::string& name);
  // Another one each time that a server starts.
  std::string server_id() { return server_id_of(*connection_); }
  std::int64_t largest_message_bytes() { return natsConnection_GetMaxPayload(connection_.get()); }

 private:
  using WayToSetUp = decltype(js_AddStream);
  void demand_stream(WayToSetUp* set_up, const std::string& name, const std::string& subject,
                     const Storage& storage);
  void demand(natsStatus status, jsErrCode code, std::string_view what);

  std::string shown_;
  std::int64_t timeout_ms_;
  Connection connection_;
  JetStream jetstream_;
};

}  // namespace spate::drivers::nats
