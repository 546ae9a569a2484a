#include "conformance/watchdog.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <string_view>

#include "spate/clock.h"
#include "spate/error.h"

namespace spate::bench {
namespace {

constexpr std::int64_t kLookEveryNs = 20 * kMillisecondNs;
// A line of the pipe: the clause as a letter, and what was found.
constexpr char kFirstClause = 'a';
constexpr std::string_view kEnd = "!";
// The last line of one that did not come to its end and says so itself.
constexpr std::string_view kThrew = "?";

// Shared with the child, and gone with us.
class SharedBoard {
 public:
  SharedBoard()
      : memory_(mmap(nullptr, sizeof(CallBoard), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                     -1, 0)) {
    if (memory_ == MAP_FAILED) {
      throw Error(fmt::format("no memory can be shared: {}", std::strerror(errno)));
    }
    board_ = new (memory_) CallBoard;
  }
  ~SharedBoard() { munmap(memory_, sizeof(CallBoard)); }
  SharedBoard(const SharedBoard&) = delete;
  SharedBoard& operator=(const SharedBoard&) = delete;

  CallBoard& operator*() const { return *board_; }

 private:
  void* memory_;
  CallBoard* board_;
};

// --- in the child ---

int pipe_of_child = -1;

void write_line(std::string_view line) {
  const std::string text = std::string(line) + '\n';
  // A pipe takes such a line whole.
  while (write(pipe_of_child, text.data(), text.size()) < 0 && errno == EINTR) {
  }
}

void tell(Clause clause, const std::string& finding) {
  std::string line = finding.substr(0, 1000);
  for (char& sign : line) {
    sign = sign == '\n' ? ' ' : sign;
  }
  write_line(static_cast<char>(kFirstClause + static_cast<char>(clause)) + line);
}

std::string what_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& exception) {
    return exception.what();
  } catch (...) {
    return "something that is no std::exception";
  }
}

// An exception out of a call that is noexcept gets here.
[[noreturn]] void tell_and_abort() {
  const std::exception_ptr thrown = std::current_exception();
  if (thrown != nullptr) {
    tell(Clause::survives, fmt::format("an exception came out of a call: {}", what_of(thrown)));
  }
  std::abort();
}

[[noreturn]] void run_child(const Mode& mode, const Stage& stage, bool ordered, CallBoard& board) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit no_core{};
  setrlimit(RLIMIT_CORE, &no_core);
  std::set_terminate(tell_and_abort);
  Trial trial(mode, ordered, board, tell);
  try {
    stage.run(trial);
    write_line(kEnd);
  } catch (...) {
    tell(Clause::survives, fmt::format("it threw: {}", what_of(std::current_exception())));
    write_line(kThrew);
  }
  std::fflush(nullptr);  // what the delivery has printed
  _exit(0);              // what the parent has to clean up is the parent's
}

// --- in the parent ---

class Child {
 public:
  Child(const Mode& mode, const Stage& stage, bool ordered) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
      throw Error(fmt::format("no pipe can be made: {}", std::strerror(errno)));
    }
    read_end_ = ends[0];
    std::fflush(nullptr);  // else the child would print it again
    process_ = fork();
    if (process_ == 0) {
      pipe_of_child = ends[1];
      run_child(mode, stage, ordered, *board_);
    }
    close(ends[1]);
    if (process_ < 0) {
      close(read_end_);
      throw Error(fmt::format("no process can be started: {}", std::strerror(errno)));
    }
  }
  ~Child() {
    end();
    close(read_end_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  const CallBoard& board() const { return *board_; }

  // Waits for a moment; false when the child has nothing more to say.
  bool read() {
    pollfd look{.fd = read_end_, .events = POLLIN, .revents = 0};
    if (::poll(&look, 1, static_cast<int>(kLookEveryNs / kMillisecondNs)) <= 0) {
      return true;
    }
    std::array<char, 4096> some;
    const ssize_t count = ::read(read_end_, some.data(), some.size());
    if (count > 0) {
      text_.append(some.data(), static_cast<std::size_t>(count));
    }
    return count > 0 || (count < 0 && errno == EINTR);
  }

  // Kills it if it still lives; its wait status.
  int end() {
    if (process_ > 0) {
      kill(process_, SIGKILL);
      return wait();
    }
    return status_;
  }
  // Of one that ends by itself.
  int wait() {
    while (process_ > 0 && waitpid(process_, &status_, 0) < 0 && errno == EINTR) {
    }
    process_ = -1;
    return status_;
  }

  // What it has told up to now.
  StageResult result() {
    StageResult result;
    std::size_t begin = 0;
    for (std::size_t end = text_.find('\n'); end != std::string::npos;
         begin = end + 1, end = text_.find('\n', begin)) {
      const std::string line = text_.substr(begin, end - begin);
      if (line == kEnd || line == kThrew) {
        said_its_end_ = true;
        result.complete = line == kEnd;
      } else {
        result.findings.push_back({static_cast<Clause>(line[0] - kFirstClause), line.substr(1)});
      }
    }
    return result;
  }

  // Whether the last result() had its last line. Else somebody has ended the process.
  bool said_its_end() const { return said_its_end_; }

 private:
  SharedBoard board_;
  bool said_its_end_ = false;
  pid_t process_ = -1;
  int read_end_ = -1;
  int status_ = 0;
  std::string text_;
};

// How often in a row each place was seen in one and the same call.
class HungCalls {
 public:
  explicit HungCalls(const CallBoard& board) : board_(board) {}

  // To be called every kLookEveryNs. Says which call hangs, or nothing.
  std::string look() {
    for (std::size_t place = 0; place < CallBoard::kPlaces; ++place) {
      Seen& seen = seen_[place];
      const std::uint64_t state = board_.state(place);
      if (state != seen.state || CallBoard::call_of(state) == Call::none) {
        seen = {state, 0};
      } else if (++seen.times * kLookEveryNs >= kCallLimitNs) {
        return CallBoard::text(place, state);
      }
    }
    return {};
  }
  // Calls that somebody is in, for a process that has ended.
  std::string under_way() const {
    std::string text;
    for (std::size_t place = 0; place < CallBoard::kPlaces; ++place) {
      const std::uint64_t state = board_.state(place);
      if (CallBoard::call_of(state) != Call::none) {
        text += (text.empty() ? "" : "; ") + CallBoard::text(place, state);
      }
    }
    return text.empty() ? "no call" : text;
  }

 private:
  struct Seen {
    std::uint64_t state = 0;
    std::int64_t times = 0;
  };
  const CallBoard& board_;
  std::array<Seen, CallBoard::kPlaces> seen_{};
};

std::string how_it_ended(int status) {
  return WIFSIGNALED(status) ? fmt::format("crashed ({})", strsignal(WTERMSIG(status)))
                             : fmt::format("ended with exit code {}", WEXITSTATUS(status));
}

}  // namespace

StageResult run_watched(const Mode& mode, const Stage& stage, bool ordered,
                        std::int64_t deadline_ns) {
  const SteadyClock clock;
  Child child(mode, stage, ordered);
  HungCalls calls(child.board());
  std::int64_t looked_ns = clock.now_ns();
  std::string hung;
  bool late = false;
  while (hung.empty() && !late && child.read()) {
    const std::int64_t now_ns = clock.now_ns();
    late = now_ns > deadline_ns;
    if (now_ns - looked_ns >= kLookEveryNs) {
      looked_ns = now_ns;
      hung = calls.look();
    }
  }
  if (!hung.empty() || late) {
    child.end();
    StageResult result = child.result();
    if (!hung.empty()) {
      result.findings.push_back(
          {Clause::returns, fmt::format("{}: a call has not returned after {} s: {}", stage.what,
                                        kCallLimitNs / kSecondNs, hung)});
    }
    result.complete = false;
    result.hung = !hung.empty();
    return result;
  }
  const int status = child.wait();
  StageResult result = child.result();
  if (!child.said_its_end() || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    result.findings.push_back(
        {Clause::survives, fmt::format("{}: the process {} in {}", stage.what, how_it_ended(status),
                                       calls.under_way())});
    result.complete = false;
  }
  return result;
}

}  // namespace spate::bench
