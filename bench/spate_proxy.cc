// spate_proxy: a bad network between any programs, as a plan has it.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "command_line.h"
#include "command_lines.h"
#include "compare/terminal/columns.h"
#include "compare/terminal/readers.h"
#include "fault_text.h"
#include "program.h"
#include "spate/bench/programs.h"
#include "spate/clock.h"
#include "spate/error.h"
#include "spate/fault_director.h"
#include "spate/proxy/proxy.h"
#include "spate/proxy/proxy_target.h"
#include "units.h"

namespace spate::bench {
namespace {

constexpr std::uint64_t kLastPort = 65535;
constexpr timespec kLookEvery{.tv_sec = 0, .tv_nsec = 200'000'000};

constexpr const char* kFooter =
    "Examples:\n"
    "  spate_proxy --to 127.0.0.1:6379                  at a free port, which it prints\n"
    "  spate_proxy --to 127.0.0.1:6379 --fault 3s:latency,add=50ms,for=2s\n"
    "  spate_proxy --to 127.0.0.1:6379 --to [::1]:4222  several servers; with --listen 7000 the\n"
    "                                                   second is at 7001\n"
    "\n"
    "Listens on 127.0.0.1, until Ctrl-C.\n"
    "\n"
    "Exit codes:\n"
    "  0  fine\n"
    "  2  usage, a host that is not known, a port that cannot be had, or output that cannot be\n"
    "     written";

struct Settings {
  std::vector<proxy::Endpoint> servers;
  std::uint16_t first_port = 0;
  std::vector<Fault> schedule;
  std::uint64_t seed = 1;
};

// HOST:PORT, where a host with colons stands in brackets. A URL is none: it may have a password,
// which would be printed with the host.
proxy::Endpoint parse_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  std::string_view host = text.substr(0, std::min(colon, text.size()));
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (brackets) {
    host = host.substr(1, host.size() - 2);
  }
  if (colon == std::string_view::npos || host.empty() ||
      text.find_first_of("@/") != std::string_view::npos ||
      (!brackets && host.find(':') != std::string_view::npos)) {
    throw Error(fmt::format("--to {}: give HOST:PORT, such as 127.0.0.1:6379 or [::1]:6379",
                            as_given(text)));
  }
  return {std::string(host),
          static_cast<std::uint16_t>(parse_count("--to", text.substr(colon + 1), 1, kLastPort))};
}

std::vector<Fault> parse_plan(const std::vector<std::string>& texts) {
  std::vector<Fault> plan;
  for (const std::string& text : texts) {
    const Fault& fault = plan.emplace_back(parse_fault("--fault", text));
    if (!fault.of_way()) {
      throw Error(
          fmt::format("--fault {}: a proxy has no hold of the {}; give a fault of the way, "
                      "or a run that {}",
                      as_given(text), fault.of_load() ? "load" : "server's process",
                      fault.of_load() ? "makes it" : "starts the server itself"));
    }
  }
  return plan;
}

void understand(const std::string& listen, const std::vector<std::string>& servers,
                const std::vector<std::string>& faults, const std::string& seed,
                Settings& settings) {
  if (servers.empty()) {
    throw Error("--to is missing; give HOST:PORT of the server to lead to");
  }
  for (const std::string& server : servers) {
    settings.servers.push_back(parse_endpoint(server));
  }
  const std::uint64_t last = kLastPort - (servers.size() - 1);
  settings.first_port = static_cast<std::uint16_t>(parse_count("--listen", listen, 0, last));
  settings.seed = parse_count("--seed", seed, 0, ~std::uint64_t{0});
  settings.schedule = scheduled(parse_plan(faults), settings.seed);
}

struct Texts {
  std::string listen = "0";
  std::string seed = "1";
  std::vector<std::string> servers;
  std::vector<std::string> faults;
};

void set_up(CLI::App& app, Texts& texts) {
  app.description(
      "Stands between programs and servers, and does to their connections what a bad network "
      "does.");
  add_flag(app, "--listen", texts.listen, "PORT",
           "where the first server is found, the next at the next port; 0: wherever there is room");
  app.add_option("--to", texts.servers, "a server; may be given several times")
      ->type_name("HOST:PORT")
      ->allow_extra_args(false);
  app.add_option("--fault", texts.faults,
                 "a fault of the way; may be given several times: " + fault_usage(true))
      ->type_name("TIME:KIND[,NAME=VALUE…]")
      ->allow_extra_args(false);
  add_flag(app, "--seed", texts.seed, "N", "decides what is left to chance");
  app.footer(kFooter);
}

bool parse(int argc, const char* const* argv, Settings& settings) {
  Texts texts;
  CLI::App app("", program_name(argc, argv));
  set_up(app, texts);
  if (!parse_command_line(app, arguments(argc, argv))) {
    return false;
  }
  understand(texts.listen, texts.servers, texts.faults, texts.seed, settings);
  return true;
}

// What asks us to end. Blocked from here on in every thread that begins later, they wait until they
// are asked for.
class EndSignals {
 public:
  EndSignals() {
    sigemptyset(&all_);
    sigaddset(&all_, SIGINT);
    sigaddset(&all_, SIGTERM);
    sigprocmask(SIG_BLOCK, &all_, nullptr);
  }
  // False when none came within so long.
  bool wait_for(const timespec& so_long) const {
    return sigtimedwait(&all_, nullptr, &so_long) > 0;
  }

 private:
  sigset_t all_;
};

// For people who look on: each line is there at once.
void say_line(const std::string& line) {
  say(stdout, line + '\n');
  std::fflush(stdout);
}

// Nobody would know where to find it.
void require_told() {
  if (std::ferror(stdout) != 0 && !compare::reader_has_gone()) {
    throw Error(
        "standard output cannot be written, which says where the proxy is; is its disk full?");
  }
}

void say_at(std::int64_t at_ns, const std::string& what) {
  say_line(fmt::format("{:.3f}s {}", static_cast<double>(at_ns) * 1e-9, what));
}

void say_what_happened(const ExecutedFault& executed) {
  if (const std::optional<FaultMoment> moment = latest_moment(executed)) {
    say_at(moment->at_ns, moment->text);
  }
}

// Says that connections are refused: once, and again after a while without.
class Refusals {
 public:
  explicit Refusals(const std::vector<proxy::Endpoint>& servers) {
    for (const proxy::Endpoint& server : servers) {
      servers_ += fmt::format("{}{}:{}", servers_.empty() ? "" : " or ", server.host, server.port);
    }
  }
  // To be called every kLookEvery.
  void look(std::uint64_t refused, std::int64_t at_ns) {
    constexpr int kForgotten = 25;
    if (refused == seen_) {
      ++looks_without_;
      return;
    }
    if (seen_ == 0 || looks_without_ >= kForgotten) {
      say_at(at_ns, fmt::format("a connection is refused: does a server listen at {}?", servers_));
    }
    seen_ = refused;
    looks_without_ = 0;
  }

 private:
  std::string servers_;
  std::uint64_t seen_ = 0;
  int looks_without_ = 0;
};

// All of them or none: which goes where, for people.
std::vector<std::string> lead(proxy::Proxy& proxy, const Settings& settings) {
  std::vector<std::string> lines;
  std::uint16_t port = settings.first_port;
  for (const proxy::Endpoint& server : settings.servers) {
    lines.push_back(fmt::format("127.0.0.1:{} leads to {}:{}", proxy.lead_to(server, port),
                                server.host, server.port));
    port = static_cast<std::uint16_t>(port == 0 ? 0 : port + 1);
  }
  return lines;
}

int work(int argc, char** argv) {
  Settings settings;
  if (!parse(argc, argv, settings)) {
    return static_cast<int>(ExitCode::fine);
  }
  const EndSignals signals;
  proxy::Proxy proxy(settings.seed);
  for (const std::string& line : lead(proxy, settings)) {
    say_line(line);
  }
  require_told();
  proxy::ProxyTarget way(proxy);
  FaultDirector director(settings.schedule, {.way = &way}, say_what_happened);
  const SteadyClock clock;
  const std::int64_t start_ns = clock.now_ns();
  director.start(start_ns);
  Refusals refusals(settings.servers);
  while (!signals.wait_for(kLookEvery)) {
    refusals.look(proxy.counts().refused, clock.now_ns() - start_ns);
  }
  director.stop();
  const proxy::ProxyCounts counts = proxy.counts();
  say_line(compare::wrapped(
      fmt::format("accepted {}, open {}, refused {}, bytes to servers {}, to clients {}",
                  counts.accepted, counts.open, counts.refused, counts.to_server, counts.to_client),
      compare::kUsualColumns, 2));
  return static_cast<int>(ExitCode::fine);
}

}  // namespace

void see_proxy_app(const SeeApp& see) {
  Texts texts;
  see_command_line(
      "spate_proxy", [&](CLI::App& app) { set_up(app, texts); }, see);
}

int proxy_main(int argc, char** argv) {
  return run_program(program_name(argc, argv), [&] { return work(argc, argv); });
}

}  // namespace spate::bench
