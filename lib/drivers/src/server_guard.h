// What stands between us and a server of ours: a process that starts, stops and ends it.
#pragma once

#include <cstdint>
#include <filesystem>

#include "spate/drivers/server_process.h"

namespace spate::drivers {

inline constexpr const char* kServerLog = "server.log";

// Over the leash, a socket that keeps messages apart. Each order is answered when it is done.
struct GuardOrder {
  enum class Kind : std::uint8_t { start, end, kill, pause, resume };
  Kind kind = Kind::start;
  int signal = 0;               // end
  std::int64_t timeout_ns = 0;  // end
};
struct GuardAnswer {
  int process = 0;  // start: the server's
  int error = 0;    // an errno; 0: it is done; pause: ESRCH where the server has ended
};

// What a fork of ours becomes: starts the server, answers as if it had been ordered to, and obeys
// until the leash's other end is gone. Then it ends the server with all that it has begotten, and
// removes the folder. Should it be killed itself, the server goes with it. It has one thread,
// whatever process it is a fork of, so that the forks it makes itself are safe at any time.
[[noreturn]] void guard(const ServerProcess::Command& command, const std::filesystem::path& folder,
                        int leash) noexcept;

}  // namespace spate::drivers
