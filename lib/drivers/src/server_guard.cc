#include "server_guard.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>
#include <vector>

#include "descendants.h"
#include "spate/clock.h"

namespace spate::drivers {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;

// The server goes with its guard, should that be killed.
void die_with(int guard) {
  prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(SIGKILL));
  if (getppid() != guard) {  // it has gone already
    _exit(1);
  }
}

[[noreturn]] void become(const ServerProcess::Command& command, const std::filesystem::path& folder,
                         int guard) {
  die_with(guard);
  sigset_t none;  // what our maker does not want to be told of now is not the server's affair
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int log = open((folder / kServerLog).c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  if (command.environment_alone) {
    clearenv();
  }
  for (const auto& [name, value] : command.environment) {
    setenv(name.c_str(), value.c_str(), 1);
  }
  std::vector<char*> words;
  words.reserve(command.words.size() + 1);
  for (const std::string& word : command.words) {
    words.push_back(const_cast<char*>(word.c_str()));
  }
  words.push_back(nullptr);
  execvp(words[0], words.data());
  const std::string why = fmt::format("{}: {}\n", words[0], std::strerror(errno));
  (void)!write(STDERR_FILENO, why.data(), why.size());
  _exit(127);
}

void close_all_but(int kept) {
  if (kept > 3) {
    syscall(SYS_close_range, 3U, static_cast<unsigned>(kept - 1), 0U);
  }
  syscall(SYS_close_range, static_cast<unsigned>(std::max(kept + 1, 3)), ~0U, 0U);
}

// Those of a child that was killed become our own, since we are their subreaper. One that is
// stopped is killed all the same.
void end_descendants() {
  do {
    for (const int one : descendants()) {
      kill(one, SIGKILL);
    }
  } while (waitpid(-1, nullptr, 0) > 0 || errno != ECHILD);
}

class Guard {
 public:
  Guard(const ServerProcess::Command& command, const std::filesystem::path& folder, int leash)
      : command_(command), folder_(folder), leash_(leash) {
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    sigprocmask(SIG_BLOCK, &children, nullptr);
    signals_ = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
  }

  void serve() {
    answer(start());
    GuardOrder order;
    while (next(order)) {
      answer(obey(order));
    }
    end_descendants();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

 private:
  void answer(const GuardAnswer& done) const {
    send(leash_, &done, sizeof done, MSG_NOSIGNAL);  // nobody may be there any more
  }

  // False when our maker is gone, or wants us to go. A server that ends by itself leaves nobody
  // behind; its folder is kept until somebody has read why.
  bool next(GuardOrder& order) {
    while (!watch(-1)) {
    }
    return recv(leash_, &order, sizeof order, 0) == sizeof order;
  }

  // Until something happens, or so many milliseconds. True when the leash has something, which is
  // its end where no order is due.
  bool watch(int timeout_ms) {
    std::array<pollfd, 2> watched{pollfd{leash_, POLLIN, 0}, pollfd{signals_, POLLIN, 0}};
    poll(watched.data(), watched.size(), timeout_ms);
    if (watched[1].revents != 0) {
      reap();
    }
    return watched[0].revents != 0;
  }

  void reap() {
    signalfd_siginfo info{};
    while (read(signals_, &info, sizeof info) > 0) {
    }
    bool ended = false;
    for (int one = 0; (one = waitpid(-1, nullptr, WNOHANG)) > 0;) {
      ended = ended || one == server_;
    }
    if (ended) {
      kill_all();
    }
  }

  GuardAnswer obey(const GuardOrder& order) {
    switch (order.kind) {
      case GuardOrder::Kind::start:
        return server_ > 0 ? GuardAnswer{0, EALREADY} : start();
      case GuardOrder::Kind::end:
        return end(order);
      case GuardOrder::Kind::kill:
        kill_all();
        return {};
      case GuardOrder::Kind::pause:
        return pause();
      case GuardOrder::Kind::resume:
        resume();
        return {};
    }
    return {0, EINVAL};
  }

  GuardAnswer start() {
    const int guard = getpid();
    server_ = fork();
    if (server_ == 0) {
      become(command_, folder_, guard);
    }
    return server_ > 0 ? GuardAnswer{server_, 0} : GuardAnswer{0, errno};
  }

  void kill_all() {
    end_descendants();
    server_ = 0;
  }

  // The server alone is asked; what it leaves behind is killed. One that is stopped hears it.
  GuardAnswer end(const GuardOrder& order) {
    const SteadyClock clock;
    const std::int64_t deadline_ns = clock.now_ns() + order.timeout_ns;
    if (server_ > 0) {
      kill(server_, order.signal);
      resume();
    }
    while (server_ > 0) {
      const std::int64_t left_ns = deadline_ns - clock.now_ns();
      const auto left_ms = std::min<std::int64_t>(left_ns / kMillisecond + 1, 1000);
      if (left_ns <= 0 || watch(static_cast<int>(left_ms))) {
        kill_all();
        return {0, ETIMEDOUT};
      }
    }
    return {};
  }

  // Returns when all stand still. One may beget another before it does; and one that waits for a
  // disk stands still only after that. A server that has ended does not stand still: it is not
  // there.
  GuardAnswer pause() {
    for (bool moving = true; moving && server_ > 0;) {
      moving = false;
      for (const int one : descendants()) {
        if (!stands_still(one)) {
          moving = true;
          kill(one, SIGSTOP);
        }
      }
      if (watch(moving ? 1 : 0)) {
        break;  // our maker has gone
      }
    }
    return {0, server_ > 0 ? 0 : ESRCH};
  }

  static void resume() {
    for (const int one : descendants()) {
      kill(one, SIGCONT);
    }
  }

  const ServerProcess::Command& command_;
  const std::filesystem::path& folder_;
  int leash_;
  int signals_ = -1;
  int server_ = 0;  // none
};

}  // namespace

void guard(const ServerProcess::Command& command, const std::filesystem::path& folder,
           int leash) noexcept {
  // Whoever ignores it, as a shell may let us, is not told that a child has ended.
  std::signal(SIGCHLD, SIG_DFL);
  // The terminal's Ctrl-C is not for us. Nor is the hang-up that the kernel sends to a group with
  // stopped members, us among them, when the last parent outside of it goes: with a session of our
  // own there never was one.
  setsid();
  prctl(PR_SET_CHILD_SUBREAPER, 1UL);
  close_all_but(leash);
  Guard(command, folder, leash).serve();
  _exit(0);
}

}  // namespace spate::drivers
