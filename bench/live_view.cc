#include "live_view.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <system_error>

#include "fault_text.h"
#include "program.h"
#include "terminal.h"
#include "units.h"

namespace spate::bench {
namespace {

constexpr std::chrono::milliseconds kInterval{200};
constexpr const char* kClearLine = "\r\x1b[K";  // ECMA-48: erase in line

}  // namespace

void LiveView::run_begins(const RunPlan& plan, const StressRun& run) {
  ended_ = false;
  try {
    thread_ = std::thread([this, &plan, &run] { watch(plan, run); });
  } catch (const std::system_error&) {
    // The machine refuses a thread: the run goes on unseen.
  }
}

void LiveView::run_ended() noexcept {
  if (!thread_.joinable()) {
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  ended_changed_.notify_one();
  thread_.join();
}

void LiveView::run_simulated(const RunReport& report) {
  if (shows_.events) {
    say_events(report.chaos_events_left_out, "came before these, of which only the latest are kept",
               report.chaos_events);
    std::fflush(out_);
  }
}

void LiveView::say_fault(const ExecutedFault& executed) {
  if (const std::optional<FaultMoment> moment = latest_moment(executed)) {
    const std::lock_guard lock(mutex_);  // not into a line of the other thread's
    say(out_, fmt::format("{}{:9.3f} s  {}\n", shows_.line ? kClearLine : "",
                          static_cast<double>(moment->at_ns) * 1e-9, moment->text));
    std::fflush(out_);
  }
}

void LiveView::watch(const RunPlan& plan, const StressRun& run) {
  LiveHistory history(plan);
  LiveCursor cursor;
  if (shows_.events && plan.rate == 0) {
    say(out_, fmt::format("a closed loop of {} messages; of several the last one counts\n",
                          show_whole(plan.messages)));
  }
  std::unique_lock lock(mutex_);
  while (!ended_changed_.wait_for(lock, kInterval, [this] { return ended_; })) {
    const LiveReport report = run.observe(cursor);
    print_events(report);
    if (shows_.line) {
      say(out_, kClearLine + captioned(history.add(report)));
    }
    std::fflush(out_);
  }
  print_events(run.observe(cursor));  // what happened since the last look
  if (shows_.line) {
    say(out_, kClearLine);
  }
  std::fflush(out_);
}

// A caption that does not fit leaves the line to the figures.
std::string LiveView::captioned(const LiveFigures& figures) const {
  const std::size_t columns = terminal_columns(out_);
  const bool fits = caption_.size() < columns;
  return (fits ? caption_ : "") + live_line(figures, columns - (fits ? caption_.size() : 0));
}

void LiveView::print_events(const LiveReport& report) {
  if (!shows_.events) {
    return;
  }
  if (shows_.line) {
    say(out_, kClearLine);
  }
  say_events(report.chaos_events_missed, "went by too fast to be said", report.chaos_events);
}

void LiveView::say_events(std::uint64_t missing, const char* why,
                          const std::vector<ChaosEvent>& events) {
  if (missing > 0) {
    say(out_, fmt::format("{:>11}  {} chaos events {}\n", "…", missing, why));
  }
  for (const ChaosEvent& event : events) {
    say(out_, event_line(event) + "\n");
  }
}

}  // namespace spate::bench
