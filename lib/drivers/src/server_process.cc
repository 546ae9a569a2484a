#include "spate/drivers/server_process.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>
#include <thread>

#include "server_guard.h"
#include "spate/clock.h"
#include "spate/error.h"

namespace spate::drivers {
namespace {

// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) {
      close(number_);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }

 private:
  int number_;
};

[[noreturn]] void fail(const std::string& what) {
  throw Error(fmt::format("{}: {}", what, std::strerror(errno)));
}

// Returns what the guard answers. Throws Error when it is gone.
GuardAnswer answer_of(const std::string& name, int leash) {
  GuardAnswer answer;
  ssize_t size = 0;
  do {
    size = recv(leash, &answer, sizeof answer, 0);
  } while (size < 0 && errno == EINTR);
  if (size != sizeof answer) {
    throw Error(fmt::format("{}: the process that guards it is gone", name));
  }
  return answer;
}

GuardAnswer answer_to(const std::string& name, int leash, const GuardOrder& order) {
  send(leash, &order, sizeof order, MSG_NOSIGNAL);  // where it is gone no answer comes
  return answer_of(name, leash);
}

std::filesystem::path make_folder(const std::string& name) {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(error);
  if (error) {
    throw Error(fmt::format("{}: there is no folder for temporary files: {}; set TMPDIR to one",
                            name, error.message()));
  }
  std::string pattern = (parent / fmt::format("spate-{}-XXXXXX", name)).string();
  if (mkdtemp(pattern.data()) == nullptr) {
    fail(fmt::format("{}: no temporary folder {}", name, pattern));
  }
  return pattern;
}

}  // namespace

std::uint16_t free_port() {
  const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (socket.get() < 0 || bind(socket.get(), any, size) != 0 ||
      getsockname(socket.get(), any, &size) != 0) {
    fail("no free port on loopback");
  }
  return ntohs(address.sin_port);
}

ServerProcess::ServerProcess(
    std::string name, const std::function<Command(const std::filesystem::path& folder)>& command)
    : name_(std::move(name)), folder_(make_folder(name_)) {
  try {
    make_guard(command(folder_));
    hear_that_it_runs();
  } catch (...) {
    let_go();
    throw;
  }
}

ServerProcess::~ServerProcess() { let_go(); }

void ServerProcess::make_guard(const Command& command) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    fail(name_);
  }
  leash_ = ends[0];
  const Descriptor theirs(ends[1]);
  guard_ = fork();
  if (guard_ < 0) {
    fail(fmt::format("{}: no process for it", name_));
  }
  if (guard_ == 0) {
    guard(command, folder_, theirs.get());
  }
}

// The guard removes the folder, if there is one and it is not killed.
void ServerProcess::let_go() noexcept {
  if (leash_ >= 0) {
    close(leash_);
  }
  while (guard_ > 0 && waitpid(guard_, nullptr, 0) < 0 && errno == EINTR) {
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void ServerProcess::hear_that_it_runs() {
  const GuardAnswer answer = answer_of(name_, leash_);
  if (answer.error == EALREADY) {
    throw Error(fmt::format("{}: it runs, and can be started again only when it has ended", name_));
  }
  if (answer.error != 0) {
    throw Error(fmt::format("{}: no process for it: {}", name_, std::strerror(answer.error)));
  }
  process_.store(answer.process, std::memory_order_relaxed);
}

void ServerProcess::kill() { answer_to(name_, leash_, {GuardOrder::Kind::kill}); }

bool ServerProcess::end(std::int64_t timeout_ns, int signal) {
  return answer_to(name_, leash_, {GuardOrder::Kind::end, signal, timeout_ns}).error == 0;
}

void ServerProcess::start_again() {
  const GuardOrder order{GuardOrder::Kind::start};
  send(leash_, &order, sizeof order, MSG_NOSIGNAL);
  hear_that_it_runs();
}

void ServerProcess::pause() {
  if (answer_to(name_, leash_, {GuardOrder::Kind::pause}).error == ESRCH) {
    throw Error(
        fmt::format("{}: it has ended, and cannot be stopped; it said: {}", name_, last_words()));
  }
}

void ServerProcess::resume() { answer_to(name_, leash_, {GuardOrder::Kind::resume}); }

// A server that ended is no more: its guard has waited for it, and says so by its own silence.
bool ServerProcess::ended() const { return ::kill(process(), 0) != 0 && errno == ESRCH; }

void ServerProcess::await(std::int64_t timeout_ns, const std::function<void()>& answers) {
  const SteadyClock clock;
  const std::int64_t deadline_ns = clock.now_ns() + timeout_ns;
  for (;;) {
    try {
      answers();
      return;
    } catch (const Error& error) {
      if (ended()) {
        throw Error(fmt::format("{} ended before it answered; it said: {}", name_, last_words()));
      }
      if (clock.now_ns() > deadline_ns) {
        throw Error(fmt::format("{} did not answer within {} s ({}); it said: {}", name_,
                                static_cast<double>(timeout_ns) / 1e9, error.what(), last_words()));
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));  // nothing tells when it is ready
  }
}

// In one line.
std::string ServerProcess::last_words() const {
  constexpr std::size_t kMost = 500;
  std::ifstream log(folder_ / kServerLog);
  std::string text((std::istreambuf_iterator<char>(log)), std::istreambuf_iterator<char>());
  text.erase(text.find_last_not_of("\r\n") + 1);
  text.erase(0, text.size() - std::min(text.size(), kMost));
  for (char& c : text) {
    c = c == '\n' || c == '\r' ? ' ' : c;
  }
  return text.empty() ? "nothing" : text;
}

}  // namespace spate::drivers
