// One connection to a NATS server, which is read and written by the thread that uses it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "handles.h"
#include "session.h"
#include "spate/drivers/address.h"

namespace spate::drivers::nats {

// The library is told that somebody else's event loop watches its socket. The loop is this object:
// it writes when there is something to be written, and reads when it is asked to. So the library
// needs no thread that reads, nor one that writes; nothing is handed from thread to thread, and no
// call waits.
//
// But for TLS: there the library, once it has begun to write what it has, waits in the call until
// that is done, or the timeout over. It is asked to only when the socket is ready, so that it waits
// where the other side takes no more. It would wait without end for the rest of a record; so it
// reads only when a whole one is there.
//
// One thread at a time. The library holds its address while it lives.
class Wire {
 public:
  // Connects, and listens to `subjects`. Throws Error.
  Wire(const Address& address, std::int64_t timeout_ns, const Attempt& attempt,
       const std::vector<std::string>& subjects);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  std::string server_id() const { return server_id_of(*connection_); }
  // Once lost, it stays so.
  bool lost() const { return lost_; }
  std::string why_lost() const;
  // What the server said last that it does not like; `otherwise` where it said nothing.
  std::string complaint_or(const char* otherwise) const;

  // So many bytes were published that the socket has not taken.
  std::size_t unwritten_bytes() const { return unwritten_bytes_; }
  // Into the buffer. `reply`: where an answer is to go, or null. False when that is longer than the
  // server takes, as it said when it greeted: it goes nowhere.
  bool publish(const char* subject, const char* reply, std::span<const std::byte> body) noexcept;
  // As much as the socket takes.
  void write() noexcept;
  // As much as is there, up to the size of a buffer.
  void read() noexcept;
  // The next that was read of the subject of that index, or null.
  Incoming next(std::size_t subject) noexcept;
  // Of so many of what was published it was said, since the last call, that nobody listens to it.
  std::size_t take_unheard() noexcept { return std::exchange(unheard_, 0); }

 private:
  struct Listening {
    Subscription subscription;
    int waiting = 0;  // messages, at the last look
  };

  static natsStatus attach(void** user, void* loop, natsConnection* connection, natsSock socket);
  static natsStatus want_read(void* user, bool wanted);
  static natsStatus want_write(void* user, bool wanted);
  static natsStatus detach(void* user);

  // Whether the library may be asked to now.
  bool may_read() const;
  bool may_write() const;

  bool tls_;
  natsSock socket_ = -1;
  bool write_wanted_ = false;
  bool lost_ = false;
  std::size_t unheard_ = 0;
  std::size_t unwritten_bytes_ = 0;
  Connection connection_;
  std::vector<Listening> listening_;
};

}  // namespace spate::drivers::nats
