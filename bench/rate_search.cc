#include "rate_search.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace spate::bench {
namespace {

// Thrown by a step that is one too many.
struct TooManySteps {};

// In the middle between their logarithms. Exact arithmetic of IEEE 754, so the same everywhere.
std::uint64_t middle(std::uint64_t low, std::uint64_t high) {
  return static_cast<std::uint64_t>(
      std::llround(std::sqrt(static_cast<double>(low) * static_cast<double>(high))));
}

}  // namespace

RateSearch::RateSearch(const SearchLimits& limits, Probe probe)
    : limits_(limits), probe_(std::move(probe)) {}

SearchAnswer RateSearch::run() {
  try {
    end_ = search();
  } catch (const TooManySteps&) {
    end_ = SearchAnswer::End::undecided;
  }
  return known();
}

SearchAnswer::End RateSearch::search() {
  const Bracket rough = bracket();
  std::uint64_t top = limits_.highest;  // from where on it is looked for what holds
  if (rough.fails) {
    const std::optional<std::uint64_t> failing = find_failing(*rough.fails);
    // Of the rates below, which hold at least now and then, the highest that was met.
    const auto next = failing ? tries_.find(*failing) : tries_.end();
    top = next == tries_.begin() ? limits_.lowest : std::prev(next)->first;
  }
  if (find_holding(top)) {
    return SearchAnswer::End::found;
  }
  // What held before and holds no longer changed for another reason than the rate.
  const bool any_held = std::any_of(tries_.begin(), tries_.end(),
                                    [](const auto& tried) { return tried.second.held > 0; });
  return !any_held && surely_fails(limits_.lowest) ? SearchAnswer::End::none_holds
                                                   : SearchAnswer::End::undecided;
}

RateSearch::Bracket RateSearch::bracket() {
  Bracket found;
  std::uint64_t rate = limits_.start;
  if (first_holds(rate)) {
    found.holds = rate;
    while (rate < limits_.highest && !found.fails) {
      rate = std::min(2 * rate, limits_.highest);
      (first_holds(rate) ? found.holds : found.fails) = rate;
    }
  } else {
    found.fails = rate;
    while (rate > limits_.lowest && !found.holds) {
      rate = std::max(rate / 2, limits_.lowest);
      (first_holds(rate) ? found.holds : found.fails) = rate;
    }
  }
  return found.holds && found.fails
             ? narrow(*found.holds, *found.fails,
                      [this](std::uint64_t tried) { return first_holds(tried); })
             : found;
}

// The lowest rate from `from` on that surely fails.
std::optional<std::uint64_t> RateSearch::find_failing(std::uint64_t from) {
  std::uint64_t rate = from;
  std::uint64_t below = from;
  for (std::uint64_t times = 1; !surely_fails(rate); times *= 2) {
    if (rate == limits_.highest) {
      return std::nullopt;
    }
    below = rate;
    rate = std::min(rate + gap(rate, times), limits_.highest);
  }
  return rate == from ? from : narrow(below, rate, [this](std::uint64_t tried) {
                                 return !surely_fails(tried);
                               }).fails;
}

// The highest rate up to `from` that surely holds.
std::optional<std::uint64_t> RateSearch::find_holding(std::uint64_t from) {
  std::uint64_t rate = from;
  std::uint64_t above = from;
  for (std::uint64_t times = 1; !surely_holds(rate); times *= 2) {
    if (rate == limits_.lowest) {
      return std::nullopt;
    }
    above = rate;
    const std::uint64_t less = gap(rate, times);
    rate = less >= rate ? limits_.lowest : std::max(rate - less, limits_.lowest);
  }
  return rate == from ? from : narrow(rate, above, [this](std::uint64_t tried) {
                                 return surely_holds(tried);
                               }).holds;
}

RateSearch::Bracket RateSearch::narrow(std::uint64_t low, std::uint64_t high,
                                       const std::function<bool(std::uint64_t)>& holds) {
  while (high - low > gap(low, 1)) {
    const std::uint64_t between = middle(low, high);
    (holds(between) ? low : high) = between;
  }
  return {low, high};
}

std::uint64_t RateSearch::gap(std::uint64_t rate, std::uint64_t times) const {
  constexpr std::uint64_t kThousand = 1000;
  return std::max<std::uint64_t>(rate * limits_.resolution_thousandths * times / kThousand, times);
}

bool RateSearch::step(std::uint64_t rate) {
  if (steps_ == limits_.most_steps) {
    throw TooManySteps();
  }
  ++steps_;
  const bool held = probe_(rate, tries_[rate].count());
  Tries& tries = tries_[rate];
  first_.try_emplace(rate, held);
  ++(held ? tries.held : tries.failed);
  return held;
}

bool RateSearch::first_holds(std::uint64_t rate) {
  const auto known = first_.find(rate);
  return known == first_.end() ? step(rate) : known->second;
}

bool RateSearch::surely_holds(std::uint64_t rate) {
  while (tries_[rate].failed < 2 && !tries_[rate].surely_holds()) {
    step(rate);
  }
  return tries_[rate].surely_holds();
}

bool RateSearch::surely_fails(std::uint64_t rate) {
  while (tries_[rate].held < 2 && !tries_[rate].surely_fails()) {
    step(rate);
  }
  return tries_[rate].surely_fails();
}

SearchAnswer RateSearch::known() const {
  SearchAnswer answer;
  answer.end = end_;
  const bool unfinished = end_ == SearchAnswer::End::unfinished;
  for (const auto& [rate, tries] : tries_) {
    if (tries.surely_holds() || (unfinished && tries.held > 0 && tries.failed == 0)) {
      answer.rate = rate;
      answer.fails.reset();
    } else if ((tries.surely_fails() || (unfinished && tries.failed > 0 && tries.held == 0)) &&
               !answer.fails) {
      answer.fails = rate;
    }
  }
  return answer;
}

}  // namespace spate::bench
