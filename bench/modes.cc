#include "spate/bench/modes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>
#include <utility>

#include "command_line.h"
#include "deliveries/queues.h"
#include "mode_list.h"
#include "spate/bench/register.h"
#include "spate/drivers/broker.h"
#include "spate/error.h"
#include "spate/mock_delivery.h"
#include "spate/queue_delivery.h"

namespace spate::bench {
namespace {

// What a queue may hold, over all workers: so many messages, and with long payloads so many
// bytes.
constexpr std::size_t kQueueSlots = 1 << 16;
constexpr std::size_t kQueueBytes = std::size_t{256} << 20;

AnyDelivery make_mock(const RunPlan& plan, const std::shared_ptr<const Payloads>& /*payloads*/) {
  return AnyDelivery(std::make_unique<MockDelivery>(
      SteadyClock{}, plan.seed, plan.mock, plan.workers,
      static_cast<std::uint32_t>(plan.in_flight_limit_per_worker())));
}

AnyDelivery make_queue(const RunPlan& plan, const std::shared_ptr<const Payloads>& payloads) {
  const DeliverySetup setup = setup_for(plan, payloads);
  return AnyDelivery(
      std::make_unique<QueueDelivery>(setup.layout(), setup.payloads, setup.capacity));
}

Mode mode_over(const Queue& queue) {
  return {.name = queue.name,
          .make =
              [make = queue.make](const RunPlan& plan,
                                  const std::shared_ptr<const Payloads>& payloads) {
                return make(setup_for(plan, payloads));
              },
          .version = queue.version,
          .lacks = queue.make == nullptr ? queue.package : std::string_view{}};
}

Mode closed(std::string_view broker) {
  return {.name = broker,
          .make = [broker](const RunPlan& /*plan*/, const std::shared_ptr<const Payloads>&
                           /*payloads*/) -> AnyDelivery {
            throw Error(fmt::format("mode '{}': its broker is not open", broker));
          },
          .version = ""};
}

std::vector<Mode> built_in() {
  std::vector<Mode> all{
      {"sim", nullptr, ""},
      {"mock", make_mock, ""},
      // Its header does not say which version it is.
      {"queue", make_queue, "moodycamel::ConcurrentQueue, in process, not durable"},
  };
  for (const Queue& queue : all_queues()) {
    all.push_back(mode_over(queue));
  }
  for (const drivers::Driver& driver : drivers::all_drivers()) {
    all.push_back(closed(driver.name));
  }
  return all;
}

std::vector<Mode>& modes() {
  static std::vector<Mode> all = built_in();
  return all;
}

std::string names_from(std::size_t first, const char* between) {
  std::vector<std::string_view> names;
  for (const Mode& mode : std::span(modes()).subspan(first)) {
    names.push_back(mode.name);
  }
  return fmt::format("{}", fmt::join(names, between));
}

std::vector<Mode>& announced() {
  static std::vector<Mode> all;
  return all;
}

Mode& known_mode(std::string_view name) {
  return *std::find_if(modes().begin(), modes().end(),
                       [&](const Mode& mode) { return mode.name == name; });
}

}  // namespace

const std::vector<Mode>& all_modes() { return modes(); }

DeliverySetup setup_for(const RunPlan& plan, const std::shared_ptr<const Payloads>& payloads) {
  const std::size_t slots =
      std::min(kQueueSlots, kQueueBytes / (payloads->max_bytes() + sizeof(Message)));
  return {plan, payloads, static_cast<std::uint32_t>(slots / plan.workers + 1)};
}

void register_mode(const Mode& mode) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  if (mode.name.empty() || mode.name.find_first_not_of(kAllowed) != std::string_view::npos) {
    throw Error(fmt::format("mode '{}': a name is of letters, digits, '_' and '-'", mode.name));
  }
  if (mode.make == nullptr) {
    throw Error(fmt::format("mode '{}': give a function that makes its delivery", mode.name));
  }
  for (const Mode& known : all_modes()) {
    if (known.name == mode.name) {
      throw Error(fmt::format("mode '{}' is there already; choose another name", mode.name));
    }
  }
  modes().push_back(mode);
}

bool announce_mode(Mode mode) {
  announced().push_back(std::move(mode));
  return true;
}

void register_announced() {
  for (const Mode& mode : std::exchange(announced(), {})) {
    register_mode(mode);
  }
}

void open_mode(const Mode& mode) { known_mode(mode.name) = mode; }
void close_mode(std::string_view name) { known_mode(name) = closed(name); }

std::string mode_names() { return names_from(0, ", "); }
std::string own_mode_names() { return names_from(built_in().size(), ","); }

const Mode& mode_named(std::string_view name) {
  for (const Mode& mode : all_modes()) {
    if (mode.name == name) {
      return mode;
    }
  }
  throw Error(fmt::format("unknown mode {}; use {}", as_given(name), mode_names()));
}

void check_built(const Mode& mode) {
  if (!mode.lacks.empty()) {
    throw Error(fmt::format("mode '{}': this build is without it; install {} and build again",
                            mode.name, mode.lacks));
  }
}

}  // namespace spate::bench
