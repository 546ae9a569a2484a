#include "spate/drivers/server_process.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <system_error>
#include <thread>

#include "spate/clock.h"
#include "spate/error.h"

namespace spate::drivers {
namespace {

constexpr const char* kLog = "server.log";

// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { reset(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }
  void reset() {
    if (number_ >= 0) {
      close(release());
    }
  }

 private:
  int number_;
};

[[noreturn]] void fail(const std::string& what) {
  throw Error(fmt::format("{}: {}", what, std::strerror(errno)));
}

// --- in the guard, and in what becomes of it ---

[[noreturn]] void become(const ServerProcess::Command& command,
                         const std::filesystem::path& folder) {
  sigset_t none;  // what our maker does not want to be told of now is not the server's affair
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int log = open((folder / kLog).c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
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

int parent_of(const char* process) {
  std::ifstream stat(fmt::format("/proc/{}/stat", process));
  std::string text;
  std::getline(stat, text);
  const std::size_t name_end = text.rfind(')');  // the name may have blanks and brackets
  int parent = 0;
  if (name_end != std::string::npos && name_end + 4 < text.size()) {
    std::from_chars(text.data() + name_end + 4, text.data() + text.size(), parent);
  }
  return parent;
}

void kill_children() {
  DIR* const processes = opendir("/proc");
  if (processes == nullptr) {
    return;
  }
  const int self = getpid();
  while (const dirent* const entry = readdir(processes)) {
    int process = 0;
    const char* const name = entry->d_name;
    if (std::from_chars(name, name + std::strlen(name), process).ec == std::errc{} &&
        parent_of(name) == self) {
      kill(process, SIGKILL);
    }
  }
  closedir(processes);
}

// Those of a child that was killed become our own, since we are their subreaper.
void end_descendants() {
  for (;;) {
    kill_children();
    if (waitpid(-1, nullptr, 0) < 0 && errno == ECHILD) {
      return;
    }
  }
}

void close_all_but(int kept) {
  if (kept > 3) {
    syscall(SYS_close_range, 3U, static_cast<unsigned>(kept - 1), 0U);
  }
  syscall(SYS_close_range, static_cast<unsigned>(std::max(kept + 1, 3)), ~0U, 0U);
}

// `leash`: where the server's process id is to be told, and whose end means ours.
[[noreturn]] void guard(const ServerProcess::Command& command, const std::filesystem::path& folder,
                        int leash) {
  setpgid(0, 0);  // the terminal's Ctrl-C is not for us
  prctl(PR_SET_CHILD_SUBREAPER, 1UL);
  close_all_but(leash);
  sigset_t children;
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  sigprocmask(SIG_BLOCK, &children, nullptr);
  const int signals = signalfd(-1, &children, SFD_CLOEXEC);
  const int server = fork();
  if (server == 0) {
    become(command, folder);
  }
  (void)!write(leash, &server, sizeof server);
  std::array<pollfd, 2> watched{pollfd{leash, POLLIN, 0}, pollfd{signals, POLLIN, 0}};
  bool server_lives = server > 0;
  while (server_lives) {
    poll(watched.data(), watched.size(), -1);
    if (watched[0].revents != 0) {
      break;  // our maker is gone, or wants us to go
    }
    signalfd_siginfo info{};
    (void)!read(signals, &info, sizeof info);
    int ended = 0;
    while ((ended = waitpid(-1, nullptr, WNOHANG)) > 0) {
      server_lives = server_lives && ended != server;
    }
  }
  end_descendants();
  // Where the server ended by itself, the folder is kept until somebody has read why.
  char byte = 0;
  while (read(leash, &byte, 1) > 0) {
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  _exit(0);
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
  const Command to_run = command(folder_);
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    fail(name_);
  }
  Descriptor ours(ends[0]);
  Descriptor theirs(ends[1]);
  guard_ = fork();
  if (guard_ < 0) {
    fail(fmt::format("{}: no process for it", name_));
  }
  if (guard_ == 0) {
    guard(to_run, folder_, theirs.get());
  }
  theirs.reset();
  if (read(ours.get(), &process_, sizeof process_) != sizeof process_) {
    throw Error(fmt::format("{}: its guard did not start", name_));
  }
  leash_ = ours.release();
}

ServerProcess::~ServerProcess() {
  close(leash_);
  waitpid(guard_, nullptr, 0);
}

// A server that ended is no more: its guard has waited for it, and says so by its own silence.
bool ServerProcess::ended() { return kill(process_, 0) != 0 && errno == ESRCH; }

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
  std::ifstream log(folder_ / kLog);
  std::string text((std::istreambuf_iterator<char>(log)), std::istreambuf_iterator<char>());
  text.erase(text.find_last_not_of("\r\n") + 1);
  text.erase(0, text.size() - std::min(text.size(), kMost));
  for (char& c : text) {
    c = c == '\n' || c == '\r' ? ' ' : c;
  }
  return text.empty() ? "nothing" : text;
}

}  // namespace spate::drivers
