// How often a trend shows a step where nothing changed, and how often it finds one, and where.
//
//   history_trials [--points N] [--processes N] [--trials N] [--watch]
//
// Noise is drawn, with a fixed seed: each run prints the same. The processes of a point, and the
// points, ran one right after the other, so that what one of them meets reaches the next. The
// program fails where a rate is not what compare/README.md promises.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compare/history/steps.h"
#include "compare/metrics.h"
#include "tests/compare/trials/noise.h"

namespace spate::compare {
namespace {

constexpr double kAlpha = 0.001;  // spate_compare's default with --history

struct Size {
  std::size_t points = 60;
  std::size_t processes = 1;
  std::size_t trials = 200;
};

// From a point on the value is so many times what it was at first.
struct Level {
  std::size_t at = 0;
  double factor = 1;
};

struct Change {
  std::string_view name;
  std::vector<Level> levels;
};

constexpr std::string_view kPromised = "+20 %";

std::vector<Change> changes(std::size_t points) {
  const std::size_t middle = points / 2;
  return {{"+10 %", {{middle, 1.1}}},
          {kPromised, {{middle, 1.2}}},
          {"+20 %, last 10", {{points - 10, 1.2}}},
          {"+20 %, last 5", {{points - 5, 1.2}}},
          {"+20 %, last 3", {{points - 3, 1.2}}},
          {"+20 %, then +20 %", {{points / 3, 1.2}, {2 * points / 3, 1.44}}},
          {"+20 % for 5 points", {{middle, 1.2}, {middle + 5, 1}}}};
}

// A delivery's p50, whose effect is 10 %.
const Metric& metric() {
  static const Metric p50 = Schema().resolve(kResponseP50, true, "").metric;
  return p50;
}

std::vector<double> draw(const Noise& noise, const Size& size, std::span<const Level> levels,
                         Random& random) {
  const std::vector<double> drawn = noise.draw(size.points * size.processes, random);
  std::vector<double> values;
  for (std::size_t i = 0; i < size.points; ++i) {
    double factor = 1;
    for (const Level& level : levels) {
      factor = i >= level.at ? level.factor : factor;
    }
    const auto of_point = std::span(drawn).subspan(i * size.processes, size.processes);
    values.push_back(factor * std::exp(*median({of_point.begin(), of_point.end()})));
  }
  return values;
}

std::vector<Step> steps_in(const std::vector<double>& values) {
  return find_steps({metric(), values, false}, kAlpha).shown;
}

// Shares of the trials.
struct Rates {
  double found = 0;  // each step, no more than 3 points off
  double close = 0;  // each step, no more than 1 point off
  double more = 0;   // more steps than there are
};

bool has_near(const std::vector<Step>& steps, std::size_t at, std::size_t off) {
  return std::any_of(steps.begin(), steps.end(), [&](const Step& step) {
    return std::max(step.at, at) - std::min(step.at, at) <= off;
  });
}

Rates rates(const Noise& noise, const Size& size, std::span<const Level> levels) {
  Random random(1);
  Rates result;
  const double part = 1 / static_cast<double>(size.trials);
  for (std::size_t trial = 0; trial < size.trials; ++trial) {
    const std::vector<Step> steps = steps_in(draw(noise, size, levels, random));
    const auto all_near = [&](std::size_t off) {
      return std::all_of(levels.begin(), levels.end(),
                         [&](const Level& level) { return has_near(steps, level.at, off); });
    };
    result.found += all_near(3) ? part : 0;
    result.close += all_near(1) ? part : 0;
    result.more += steps.size() > levels.size() ? part : 0;
  }
  return result;
}

// What one process meets half reaches the next: less than a neighbour, and as often met.
std::vector<double> wandering(std::size_t count, Random& random) {
  constexpr double kMemory = 0.5;
  constexpr double kSpread = 0.05;
  std::vector<double> result(count);
  double load = draw_normal(random);
  for (double& value : result) {
    value = kSpread * load;
    load = kMemory * load + std::sqrt(1 - kMemory * kMemory) * draw_normal(random);
  }
  return result;
}

std::vector<Noise> history_noises() {
  std::vector<Noise> all = noises();
  all.push_back({"wandering, 5 %", wandering});
  return all;
}

// What --fail-on worse sees who looks after each commit.
struct Watch {
  double alarms = 0;             // the share of looks
  std::vector<std::size_t> age;  // points of the new level until it was seen, of each series
};

constexpr std::size_t kRecent = 10;  // spate_compare's default

bool is_alarm(const std::vector<Step>& steps, std::size_t points) {
  return !steps.empty() && steps.back().is_worse && points - steps.back().at <= kRecent;
}

// With a step of 20 % at two thirds, or without any.
Watch watch(const Noise& noise, const Size& size, bool changes) {
  constexpr std::size_t kFirstLook = 20;
  const std::size_t at = 2 * size.points / 3;
  const std::vector<Level> levels = changes ? std::vector<Level>{{at, 1.2}} : std::vector<Level>{};
  Random random(1);
  Watch result;
  for (std::size_t trial = 0; trial < size.trials; ++trial) {
    const std::vector<double> values = draw(noise, size, levels, random);
    std::size_t age = size.points;
    for (std::size_t points = changes ? at + 1 : kFirstLook; points <= size.points; ++points) {
      const std::vector<Step> steps =
          steps_in({values.begin(), values.begin() + static_cast<std::ptrdiff_t>(points)});
      if (!is_alarm(steps, points)) {
        continue;
      }
      if (changes) {
        age = points - at;
        break;
      }
      result.alarms += 1 / static_cast<double>(size.trials * (size.points - kFirstLook + 1));
    }
    result.age.push_back(age);
  }
  std::sort(result.age.begin(), result.age.end());
  return result;
}

void print_watch(const Size& size) {
  fmt::print(
      "\n| noise | false alarms | +20 % seen | of these half after | nine of ten after |\n"
      "|---|---:|---:|---:|---:|\n");
  for (const Noise& noise : history_noises()) {
    const Watch calm = watch(noise, size, false);
    std::vector<std::size_t> age = watch(noise, size, true).age;
    std::erase_if(age, [](std::size_t one) { return one > kRecent; });
    fmt::print("| {} | {:.3f} % | {:.0f} % |", noise.name, calm.alarms * 100,
               100 * static_cast<double>(age.size()) / static_cast<double>(size.trials));
    if (age.empty()) {
      fmt::print(" - | - |\n");
    } else {
      fmt::print(" {} | {} |\n", age[age.size() / 2], age[age.size() * 9 / 10]);
    }
    (void)std::fflush(stdout);
  }
}

struct Promise {
  double false_steps = kAlpha;  // at most
  double found = 0;             // of steps of 20 % in the middle, at least
};

// A drift is a change, and may show as steps. What reaches from one process to the next is told
// from a step only so well.
Promise promise_of(std::string_view noise) {
  if (noise.starts_with("drift")) {
    return {1, 0};
  }
  if (noise.starts_with("a neighbour") || noise.starts_with("wandering")) {
    return {0.05, 0};
  }
  return {kAlpha, noise.starts_with("wild") ? 0 : noise.starts_with("noisy") ? 0.8 : 0.95};
}

// So far chance takes a rate in so many trials.
double chance(double rate, std::size_t trials) {
  return 4 * std::sqrt(rate * (1 - rate) / static_cast<double>(trials));
}

bool run(const Size& size) {
  std::vector<std::string> broken;
  const Size fewer{size.points, size.processes, std::max<std::size_t>(size.trials / 10, 1)};
  const std::vector<Change> all = changes(size.points);
  fmt::print("\n{} points of {}\n\n| noise | shows a step |", size.points, size.processes);
  for (const Change& change : all) {
    fmt::print(" {} |", change.name);
  }
  fmt::print("\n|---|---:|");
  for (std::size_t i = 0; i < all.size(); ++i) {
    fmt::print("---:|");
  }
  for (const Noise& noise : history_noises()) {
    const Promise promise = promise_of(noise.name);
    const double false_steps = rates(noise, size, {}).more;
    if (false_steps > promise.false_steps + chance(promise.false_steps, size.trials)) {
      broken.push_back(fmt::format("{}: more false steps than promised", noise.name));
    }
    fmt::print("\n| {} | {:.2f} % |", noise.name, false_steps * 100);
    for (const Change& change : all) {
      const Rates found = rates(noise, fewer, change.levels);
      if (change.name == kPromised &&
          found.found < promise.found - chance(promise.found, fewer.trials)) {
        broken.push_back(fmt::format("{}: fewer steps found than promised", noise.name));
      }
      fmt::print(" {:.0f} ({:.0f}) +{:.0f} |", found.found * 100, found.close * 100,
                 found.more * 100);
      (void)std::fflush(stdout);
    }
  }
  fmt::print("\n");
  for (const std::string& line : broken) {
    fmt::print("\n{}\n", line);
  }
  return broken.empty();
}

}  // namespace
}  // namespace spate::compare

int main(int argc, char** argv) try {
  CLI::App app("Rates of steps shown and found, from trials with a fixed seed");
  spate::compare::Size size;
  bool watches = false;
  app.add_option("--points", size.points, "Of a series")->check(CLI::Range(20, 1000));
  app.add_option("--processes", size.processes, "Of a point, whose value is their median")
      ->check(CLI::Range(1, 100));
  app.add_option("--trials", size.trials, "Without a change; a tenth for each change");
  app.add_flag("--watch", watches, "A look after each commit, as a gate has it");
  CLI11_PARSE(app, argc, argv);
  if (watches) {
    spate::compare::print_watch(size);
    return 0;
  }
  return spate::compare::run(size) ? 0 : 1;
} catch (const std::exception& fault) {
  (void)std::fprintf(stderr, "history_trials: %s\n", fault.what());
  return 2;
}
