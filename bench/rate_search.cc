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

bool all_held(const Tries& tries) { return tries.held > 0 && tries.failed == 0; }
bool all_failed(const Tries& tries) { return tries.failed > 0 && tries.held == 0; }

}  // namespace

RateSearch::RateSearch(const SearchLimits& limits, Probe probe)
    : limits_(limits), probe_(std::move(probe)) {}

SearchAnswer RateSearch::run() {
  try {
    end_ = search();
  } catch (const TooManySteps&) {
    end_ = SearchAnswer::End::gave_up;
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
  return find_holding(top) ? SearchAnswer::End::found : SearchAnswer::End::none_holds;
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

// The lowest rate from `from` on at which no step holds.
std::optional<std::uint64_t> RateSearch::find_failing(std::uint64_t from) {
  std::uint64_t rate = from;
  std::uint64_t below = from;
  for (std::uint64_t times = 1; !none_holds(rate); times *= 2) {
    if (rate == limits_.highest) {
      return std::nullopt;
    }
    below = rate;
    rate = std::min(rate + gap(rate, times), limits_.highest);
  }
  return rate == from ? from : narrow(below, rate, [this](std::uint64_t tried) {
                                 return !none_holds(tried);
                               }).fails;
}

// The highest rate up to `from` at which all steps hold.
std::optional<std::uint64_t> RateSearch::find_holding(std::uint64_t from) {
  std::uint64_t rate = from;
  std::uint64_t above = from;
  for (std::uint64_t times = 1; !all_hold(rate); times *= 2) {
    if (rate == limits_.lowest) {
      return std::nullopt;
    }
    above = rate;
    const std::uint64_t less = gap(rate, times);
    rate = less >= rate ? limits_.lowest : std::max(rate - less, limits_.lowest);
  }
  return rate == from
             ? from
             : narrow(rate, above, [this](std::uint64_t tried) { return all_hold(tried); }).holds;
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

bool RateSearch::all_hold(std::uint64_t rate) {
  while (tries_[rate].failed == 0 && tries_[rate].held < kTries) {
    step(rate);
  }
  return tries_[rate].failed == 0;
}

bool RateSearch::none_holds(std::uint64_t rate) {
  while (tries_[rate].held == 0 && tries_[rate].failed < kTries) {
    step(rate);
  }
  return tries_[rate].held == 0;
}

SearchAnswer RateSearch::known() const {
  SearchAnswer answer;
  answer.end = end_;
  const bool finished = end_ != SearchAnswer::End::unfinished;
  const std::uint32_t enough = finished ? kTries : 1;
  for (const auto& [rate, tries] : tries_) {
    if (all_held(tries) && tries.held >= enough) {
      answer.rate = rate;
      answer.fails.reset();
    } else if (all_failed(tries) && tries.failed >= enough && !answer.fails) {
      answer.fails = rate;
    }
  }
  for (const auto& [rate, tries] : tries_) {
    if (answer.rate && rate < *answer.rate && all_failed(tries)) {
      answer.dip = rate;
    }
  }
  return answer;
}

}  // namespace spate::bench
