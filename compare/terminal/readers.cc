#include "compare/terminal/readers.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>

namespace spate::compare {
namespace {

std::atomic<bool> gone{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

// Called by the write that found no reader, which may have been one to something else: a server.
// Does only what a signal handler may.
void look_for_readers(int /*signal*/) {
  const int before = errno;
  pollfd out{STDOUT_FILENO, 0, 0};
  if (poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP)) != 0) {
    gone = true;
    if (const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC); nowhere >= 0) {
      (void)dup2(nowhere, STDOUT_FILENO);
      (void)close(nowhere);
    }
  }
  errno = before;
}

}  // namespace

void let_readers_go() {
  struct sigaction action {};
  action.sa_handler = look_for_readers;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  (void)sigaction(SIGPIPE, &action, nullptr);
}

bool reader_has_gone() { return gone; }

}  // namespace spate::compare
