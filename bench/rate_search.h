// The search for the highest rate that holds, whatever it is that holds or does not.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>

namespace spate::bench {

struct SearchLimits {
  std::uint64_t start = 1000;  // messages per second
  std::uint64_t lowest = 10;
  std::uint64_t highest = 10'000'000;
  // How close two rates must be to be neighbours: 1.02 times apart. (Or 1/s, where that is more.)
  std::uint32_t resolution_thousandths = 20;
  std::uint32_t most_steps = 150;  // then it is given up: a machine so noisy has no answer
};

// Of all the steps at one rate.
struct Tries {
  std::uint32_t held = 0;
  std::uint32_t failed = 0;

  std::uint32_t count() const { return held + failed; }
};

// As many steps of one rate decide. Where a step holds or fails by the toss of a coin, all of 5
// hold in one of 32 cases, and so with failing: the sign test (Conover, "Practical Nonparametric
// Statistics", 3rd edition, 1999, 3.4). 5 is the least with which that is below 1 in 20.
inline constexpr std::uint32_t kTries = 5;

struct SearchAnswer {
  enum class End : std::uint8_t {
    found,
    none_holds,  // not even at the lowest rate do all steps hold
    gave_up,     // at most_steps
    unfinished,  // the probe threw, or the search was not run
  };
  End end = End::unfinished;
  // The highest rate at which all kTries steps held (unfinished: all there were).
  std::optional<std::uint64_t> rate;
  // The lowest rate above, at which none of kTries steps held; unset: there is none up to the
  // highest. Between the two, chance decides; none is between neighbours.
  std::optional<std::uint64_t> fails;
  // A lower rate at which no step held all the same: more is not always worse here.
  std::optional<std::uint64_t> dip;
};

// From `start` by doubling or halving to a rate that holds and one that fails, a step each; between
// them by halving the distance of their logarithms, a step each; then from there upwards to the
// rate at which all of kTries steps fail, and downwards to that at which all hold, at distances
// that double, and back between by halving. A rate's steps count wherever it is met again.
//
// Of one thread. All is integers and square roots: what the probe answers fixes all rates, on any
// machine.
class RateSearch {
 public:
  // Runs a step, and says whether it held; `attempt` counts the steps of that rate, from 0. What it
  // throws ends run().
  using Probe = std::function<bool(std::uint64_t rate, std::uint32_t attempt)>;

  // Precondition: 1 <= lowest <= start <= highest.
  RateSearch(const SearchLimits& limits, Probe probe);

  SearchAnswer run();
  // What the steps up to now say, also where run() did not come to its end.
  SearchAnswer known() const;
  const std::map<std::uint64_t, Tries>& tries() const { return tries_; }

 private:
  struct Bracket {
    std::optional<std::uint64_t> holds;
    std::optional<std::uint64_t> fails;
  };

  SearchAnswer::End search();
  Bracket bracket();
  std::optional<std::uint64_t> find_failing(std::uint64_t from);
  std::optional<std::uint64_t> find_holding(std::uint64_t from);

  bool step(std::uint64_t rate);
  bool first_holds(std::uint64_t rate);
  bool all_hold(std::uint64_t rate);
  bool none_holds(std::uint64_t rate);

  std::uint64_t gap(std::uint64_t rate, std::uint64_t times) const;
  // Between two rates that differ in `holds`, which is true of `low`: the neighbours where it
  // changes.
  Bracket narrow(std::uint64_t low, std::uint64_t high,
                 const std::function<bool(std::uint64_t)>& holds);

  SearchLimits limits_;
  Probe probe_;
  std::map<std::uint64_t, Tries> tries_;
  std::map<std::uint64_t, bool> first_;  // whether the first step of a rate held
  std::uint32_t steps_ = 0;
  SearchAnswer::End end_ = SearchAnswer::End::unfinished;
};

}  // namespace spate::bench
