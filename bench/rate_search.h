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
  // All of 5 held, or 7 of 8. Where a step holds by the toss of a coin that happens in one of 20
  // cases: 1/32 + 5/32 · 1/8. (The sign test: Conover, "Practical Nonparametric Statistics", 3rd
  // edition, 1999, 3.4. One step that fails for another reason than its rate is forgiven.)
  bool surely_holds() const { return is_sure(held, failed); }
  bool surely_fails() const { return is_sure(failed, held); }

 private:
  static bool is_sure(std::uint32_t these, std::uint32_t those) {
    return (those == 0 && these >= 5) || (those == 1 && these >= 7);
  }
};

struct SearchAnswer {
  enum class End : std::uint8_t {
    found,
    none_holds,  // no step held, and the lowest rate surely fails
    undecided,   // no rate surely holds, but some steps held; or most_steps
    unfinished,  // the probe threw, or the search was not run
  };
  End end = End::unfinished;
  // The highest rate that surely holds (unfinished: of which all steps held).
  std::optional<std::uint64_t> rate;
  // The lowest rate above that surely fails; unset: there is none up to the highest. Between the
  // two, chance decides; none is between neighbours.
  std::optional<std::uint64_t> fails;
};

// From `start` by doubling or halving to a rate that holds and one that fails, a step each; between
// them by halving the distance of their logarithms, a step each; then from there upwards to the
// lowest rate that surely fails, and from that downwards to the highest that surely holds, at
// distances that double, and back between by halving. A rate's steps count wherever it is met
// again. It takes for granted that more is worse: of two knees it finds the first that it meets.
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
  // Both make steps until it is known.
  bool surely_holds(std::uint64_t rate);
  bool surely_fails(std::uint64_t rate);

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
