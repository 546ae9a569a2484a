#include "spate/fault_director.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <tuple>
#include <utility>

#include "spate/clock.h"

namespace spate {
namespace {

// A fault's beginning or end, as it is planned.
struct Moment {
  std::int64_t at_ns;
  std::size_t fault;
  bool begins;
};

// In the order of time; what ends makes room for what begins. What is over at once has no end of
// its own.
std::vector<Moment> moments_of(const std::vector<ExecutedFault>& faults) {
  std::vector<Moment> moments;
  for (std::size_t index = 0; index < faults.size(); ++index) {
    const Fault& fault = faults[index].fault;
    moments.push_back({fault.at_ns, index, true});
    if (fault.for_ns > 0) {
      moments.push_back({fault.end_ns(), index, false});
    }
  }
  std::stable_sort(moments.begin(), moments.end(), [](const Moment& a, const Moment& b) {
    return std::tie(a.at_ns, a.begins) < std::tie(b.at_ns, b.begins);
  });
  return moments;
}

}  // namespace

// The faults of one target, one after the other.
class FaultDirector::Lane {
 public:
  Lane(FaultTarget& target, std::vector<ExecutedFault> faults, Listener listener)
      : target_(target), faults_(std::move(faults)), listener_(std::move(listener)) {}
  ~Lane() { finish(); }
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  void start(std::int64_t start_ns) {
    start_ns_ = start_ns;
    thread_ = std::thread([this] { run(); });
  }
  const std::vector<ExecutedFault>& finish() {
    if (thread_.joinable()) {
      {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
      }
      stopping_.notify_one();
      thread_.join();
    }
    return faults_;
  }

 private:
  void run() {
    for (const Moment& moment : moments_of(faults_)) {
      ExecutedFault& fault = faults_[moment.fault];
      // One that begins late, since another took its time before it, lasts as long all the same.
      const std::int64_t at_ns = moment.begins
                                     ? moment.at_ns
                                     : std::max(moment.at_ns, fault.begun_ns + fault.fault.for_ns);
      const bool in_time = wait_until(start_ns_ + at_ns);
      if (moment.begins && in_time) {
        begin(fault);
        if (fault.fault.for_ns == 0) {
          end(fault, true);
        }
      } else if (!moment.begins && fault.begun_ns >= 0) {
        end(fault, in_time);
      }
    }
  }

  // False when the run ended before, or has already.
  bool wait_until(std::int64_t at_ns) {
    std::unique_lock lock(mutex_);
    const std::chrono::nanoseconds left(at_ns - SteadyClock{}.now_ns());
    return !stopping_.wait_for(lock, left, [this] { return stopped_; });
  }

  void begin(ExecutedFault& fault) {
    fault.begun_ns = now_ns();
    try_to(fault, [&] { target_.begin(fault.fault); });
    tell(fault);
  }
  // What lasts beyond the run has no end of its own.
  void end(ExecutedFault& fault, bool in_time) {
    try_to(fault, [&] { target_.end(fault.fault); });
    if (in_time) {
      fault.ended_ns = now_ns();
      tell(fault);
    }
  }

  template <class Action>
  static void try_to(ExecutedFault& fault, Action&& action) {
    try {
      action();
    } catch (const std::exception& error) {
      fault.trouble = fault.trouble.empty() ? error.what() : fault.trouble;  // the first tells more
    }
  }
  void tell(const ExecutedFault& fault) const {
    if (listener_) {
      listener_(fault);
    }
  }
  std::int64_t now_ns() const { return SteadyClock{}.now_ns() - start_ns_; }

  FaultTarget& target_;
  std::vector<ExecutedFault> faults_;  // the thread's, until it has ended
  Listener listener_;
  std::int64_t start_ns_ = 0;
  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stopped_ = false;
  std::thread thread_;
};

FaultDirector::FaultDirector(const std::vector<Fault>& schedule, const Targets& targets,
                             const Listener& listener) {
  using Sort = bool (Fault::*)() const;
  for (const auto& [target, is_its] : {std::pair<FaultTarget*, Sort>{targets.way, &Fault::of_way},
                                       {targets.process, &Fault::of_process},
                                       {targets.load, &Fault::of_load}}) {
    std::vector<ExecutedFault> own;
    for (const Fault& fault : schedule) {
      if ((fault.*is_its)()) {
        own.emplace_back().fault = fault;
      }
    }
    if (target != nullptr && !own.empty()) {
      lanes_.push_back(std::make_unique<Lane>(*target, std::move(own), listener));
    }
  }
}

FaultDirector::~FaultDirector() = default;

void FaultDirector::start(std::int64_t start_ns) {
  for (const auto& lane : lanes_) {
    lane->start(start_ns);
  }
}

std::vector<ExecutedFault> FaultDirector::stop() {
  std::vector<ExecutedFault> all;
  for (const auto& lane : lanes_) {
    const std::vector<ExecutedFault>& own = lane->finish();
    all.insert(all.end(), own.begin(), own.end());
  }
  std::stable_sort(all.begin(), all.end(), [](const ExecutedFault& a, const ExecutedFault& b) {
    return a.fault.at_ns < b.fault.at_ns;
  });
  return all;
}

}  // namespace spate
