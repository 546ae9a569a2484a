#include "spate/latency_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <ostream>
#include <string_view>
#include <vector>

#include "spate/error.h"
#include "support/binomial.h"
#include "support/messages.h"

namespace spate {
namespace {

using namespace testing_support;

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr double kZ99 = 2.3263478740408408;  // the normal distribution's

std::uint64_t drawn(std::uint64_t sequence) {
  return MessageDraws(5, 3, sequence).draw(Purpose::mock_latency, 2);
}

// A model, and what textbooks say about it.
struct Textbook {
  const char* name;
  LatencyModel model;
  double mean_ns;
  std::function<double(double above)> quantile_ns;  // by the probability above it
  std::function<double(double ns)> below;           // the distribution function
};

Textbook exponential_book() {
  constexpr double kMean = 1e9;
  return {"exponential", LatencyModel::exponential(kSecond), kMean,
          [](double above) { return -kMean * std::log(above); },
          [](double ns) { return -std::expm1(-ns / kMean); }};
}

Textbook lognormal_book() {
  constexpr double kMedian = 2e8;
  const double sigma = std::log(10.0) / kZ99;
  // Newton's method on the complementary error function: no formula gives the quantile. On that
  // side on which it is small, so precise.
  const auto z_of = [](double either) {
    const double above = std::min(either, 1 - either);
    double z = 0;
    for (int i = 0; i < 200; ++i) {
      const double density = std::exp(-z * z / 2) / std::sqrt(2 * std::acos(-1.0));
      z += std::clamp((std::erfc(z / std::sqrt(2.0)) / 2 - above) / density, -0.5, 0.5);
    }
    return either > above ? -z : z;
  };
  return {
      "lognormal", LatencyModel::lognormal(200 * kMillisecond, 2 * kSecond),
      kMedian * std::exp(sigma * sigma / 2),
      [=](double above) { return kMedian * std::exp(sigma * z_of(above)); },
      [=](double ns) { return std::erfc(-std::log(ns / kMedian) / sigma / std::sqrt(2.0)) / 2; }};
}

Textbook pareto_book() {
  constexpr double kMin = 1e8;
  constexpr double kMost = 1e12;
  constexpr double kAlpha = 1.5;
  const double rest = std::pow(kMin / kMost, kAlpha);
  const double mean = std::pow(kMin, kAlpha) / (1 - rest) * kAlpha / (kAlpha - 1) *
                      (std::pow(kMin, 1 - kAlpha) - std::pow(kMost, 1 - kAlpha));
  return {"pareto", LatencyModel::pareto(100 * kMillisecond, 1000 * kSecond, kAlpha), mean,
          [=](double above) { return kMin * std::pow(rest + above * (1 - rest), -1 / kAlpha); },
          [=](double ns) { return (1 - std::pow(kMin / ns, kAlpha)) / (1 - rest); }};
}

std::ostream& operator<<(std::ostream& out, const Textbook& book) {
  return out << book.model.text();
}

class Analytic : public testing::TestWithParam<Textbook> {};
INSTANTIATE_TEST_SUITE_P(Models, Analytic,
                         testing::Values(exponential_book(), lognormal_book(), pareto_book()),
                         [](const auto& test) { return test.param.name; });

// At powers of two there are knots, so but for the rounding nothing is lost.
TEST_P(Analytic, HasTheTextbooksQuantilesAtItsKnots) {
  const Textbook& book = GetParam();
  for (int power = 1; power <= QuantileTable::kTailBits; ++power) {
    const std::uint64_t distance = std::uint64_t{1} << (64 - power);
    const double lower = book.quantile_ns(1 - std::ldexp(1.0, -power));
    const double upper = book.quantile_ns(std::ldexp(1.0, -power));
    const auto low = static_cast<double>(book.model.draw_ns(distance));
    const auto high = static_cast<double>(book.model.draw_ns(~distance));
    EXPECT_NEAR(low, lower, 2 + 1e-11 * lower) << power;
    EXPECT_NEAR(high, upper, 2 + 1e-11 * upper) << power;
  }
}

TEST_P(Analytic, HasTheTextbooksQuantilesBetweenItsKnots) {
  const Textbook& book = GetParam();
  for (const double above : {1 - 1e-9, 1 - 1e-6, 0.999, 0.99, 0.9, 0.75, 0.6, 0.4, 0.25, 0.1, 0.05,
                             0.01, 0.001, 1e-4, 1e-6, 1e-9, 1e-11}) {
    const double quantile = book.quantile_ns(above);
    const auto draw = static_cast<std::uint64_t>((1 - above) * 0x1p64);
    EXPECT_NEAR(static_cast<double>(book.model.draw_ns(draw)), quantile, 1.1 + 1.5e-4 * quantile)
        << above;
  }
}

TEST_P(Analytic, FallsEquallyOftenIntoEquallyProbableParts) {
  constexpr std::size_t kParts = 100;
  std::vector<std::uint64_t> counts(kParts);
  for (std::uint64_t sequence = 0; sequence < 200'000; ++sequence) {
    const auto ns = static_cast<double>(GetParam().model.draw_ns(drawn(sequence)));
    const auto part = static_cast<std::size_t>(GetParam().below(ns) * kParts);
    ++counts[std::min(part, kParts - 1)];
  }
  EXPECT_TRUE(looks_uniform(counts));
}

TEST_P(Analytic, HasTheTextbooksMean) {
  const LatencyModel& model = GetParam().model;
  EXPECT_NEAR(model.mean_ns(), GetParam().mean_ns, 2e-4 * GetParam().mean_ns);
  // Bounds of five standard errors, estimated from the same sample.
  constexpr std::uint64_t kDraws = 400'000;
  double sum = 0;
  double squares = 0;
  for (std::uint64_t sequence = 0; sequence < kDraws; ++sequence) {
    const auto ns = static_cast<double>(model.draw_ns(drawn(sequence)));
    sum += ns;
    squares += ns * ns;
  }
  const auto draws = static_cast<double>(kDraws);
  const double mean = sum / draws;
  EXPECT_NEAR(mean, model.mean_ns(), 5 * std::sqrt((squares / draws - mean * mean) / draws));
}

TEST_P(Analytic, NeverFallsWhereTheDrawRises) {
  const LatencyModel& model = GetParam().model;
  std::vector<std::uint64_t> draws;
  for (std::uint64_t sequence = 0; sequence < 100'000; ++sequence) {
    const std::uint64_t draw = drawn(sequence) >> (sequence % 50);  // all magnitudes
    draws.insert(draws.end(), {draw, draw + 1, ~draw});
  }
  std::sort(draws.begin(), draws.end());
  std::int64_t last = model.min_ns();
  for (const std::uint64_t draw : draws) {
    ASSERT_GE(model.draw_ns(draw), last) << draw;
    last = model.draw_ns(draw);
  }
}

TEST_P(Analytic, EndsAtTheProbability2ToTheMinus40) {
  const Textbook& book = GetParam();
  EXPECT_EQ(book.model.min_ns(), book.model.draw_ns(0));
  EXPECT_EQ(book.model.max_ns(), book.model.draw_ns(kMax));
  EXPECT_EQ(book.model.draw_ns(0), book.model.draw_ns(std::uint64_t{1} << 24));
  EXPECT_EQ(book.model.draw_ns(kMax), book.model.draw_ns(kMax - (std::uint64_t{1} << 24)));
  const double longest = book.quantile_ns(0x1p-40);
  EXPECT_NEAR(static_cast<double>(book.model.max_ns()), longest, 2 + 1e-11 * longest);
}

TEST_P(Analytic, IsUsuallyNoLongerThanItsUsualMost) {
  const double quantile = GetParam().quantile_ns(0.001);
  EXPECT_NEAR(static_cast<double>(GetParam().model.usual_max_ns()), quantile, 1.5e-4 * quantile);
}

// Equal on every machine, compiler and build type.
TEST(LatencyModel, DrawsWhatItHasAlwaysDrawn) {
  constexpr std::array<std::uint64_t, 6> kDraws{0,
                                                0x0000'0001'2345'6789,
                                                0x4444'5555'6666'7777,
                                                0x9e37'79b9'7f4a'7c15,
                                                0xffff'0000'1234'5678,
                                                kMax};
  const auto golden = [&](const LatencyModel& model) {
    std::array<std::int64_t, kDraws.size()> latencies{};
    std::transform(kDraws.begin(), kDraws.end(), latencies.begin(),
                   [&](std::uint64_t draw) { return model.draw_ns(draw); });
    return latencies;
  };
  using Golden = std::array<std::int64_t, kDraws.size()>;
  EXPECT_EQ(golden(LatencyModel::uniform(kMillisecond, 10 * kMillisecond)),
            (Golden{1000000, 1000000, 3400009, 6562306, 9999863, 10000000}));
  EXPECT_EQ(golden(LatencyModel::exponential(kMillisecond)),
            (Golden{0, 0, 310158, 962432, 11090356, 27725887}));
  EXPECT_EQ(golden(LatencyModel::lognormal(2 * kMillisecond, 20 * kMillisecond)),
            (Golden{1869, 4281, 1079602, 2692344, 123980729, 2140634998}));
  EXPECT_EQ(golden(LatencyModel::pareto(kMillisecond, 10 * kSecond, 1.5)),
            (Golden{1000000, 1000000, 1229704, 1899564, 1558147033, 9999993937}));
  LatencyRecorder recorded;
  for (const std::int64_t ns : {0, 5, 5, 1000, 1'000'000, 1'000'001, 1'900'000, 30'000'000}) {
    recorded.record(ns);
  }
  EXPECT_EQ(golden(LatencyModel::empirical(recorded)),
            (Golden{29884416, 30013170, 1895171, 1000764, 5, 5}));
}

// Every table value, not just the ones that some draws touch.
TEST(LatencyModel, HasTheTablesThatItHasAlwaysHad) {
  const auto digest = [](const LatencyModel& model) {
    std::uint64_t sum = 0;
    for (std::uint64_t draw = 0; draw < std::uint64_t{64} * 4096; ++draw) {
      const std::uint64_t near = (draw % 4096) << 52 >> (draw / 4096 % 32);
      sum = mix64(sum + static_cast<std::uint64_t>(
                            model.draw_ns(draw < std::uint64_t{32} * 4096 ? near : ~near)));
    }
    return sum;
  };
  EXPECT_EQ(digest(LatencyModel::exponential(kSecond)), 3720932427465184295U);
  EXPECT_EQ(digest(LatencyModel::lognormal(2 * kSecond, 20 * kSecond)), 11967782140565369018U);
  EXPECT_EQ(digest(LatencyModel::pareto(kSecond, 3600 * kSecond, 0.7)), 10013470472888589611U);
}

TEST(LatencyModel, UniformReachesBothEndsAndNoFurther) {
  const LatencyModel model = LatencyModel::uniform(100, 109);
  EXPECT_EQ(model.draw_ns(0), 100);
  EXPECT_EQ(model.draw_ns(kMax), 109);
  EXPECT_EQ(model.min_ns(), 100);
  EXPECT_EQ(model.max_ns(), 109);
  EXPECT_EQ(model.usual_max_ns(), 109);
  EXPECT_EQ(model.mean_ns(), 104.5);
  EXPECT_TRUE(model.is_uniform());
}

TEST(LatencyModel, ConstantIsUniformWithoutWidth) {
  const LatencyModel model = LatencyModel::constant(5 * kMillisecond);
  EXPECT_EQ(model.draw_ns(0), 5 * kMillisecond);
  EXPECT_EQ(model.draw_ns(kMax), 5 * kMillisecond);
  EXPECT_EQ(model, LatencyModel::uniform(5 * kMillisecond, 5 * kMillisecond));
}

TEST(LatencyModel, HasACanonicalText) {
  EXPECT_EQ(LatencyModel::constant(0).text(), "constant:0ns");
  EXPECT_EQ(LatencyModel::uniform(1500, 2'000'000'000).text(), "uniform:min=1500ns,max=2s");
  EXPECT_EQ(LatencyModel::exponential(kMillisecond).text(), "exponential:mean=1ms");
  EXPECT_EQ(LatencyModel::lognormal(2000, kMillisecond).text(), "lognormal:p50=2us,p99=1ms");
  EXPECT_EQ(LatencyModel::pareto(kMillisecond, 10 * kSecond, 1.50).text(),
            "pareto:min=1ms,max=10s,alpha=1.5");
}

TEST(LatencyModel, IsEqualWhereItDrawsTheSame) {
  const LatencyModel model = LatencyModel::exponential(kMillisecond);
  const LatencyModel copy = model;
  EXPECT_EQ(copy, model);
  EXPECT_EQ(copy.draw_ns(77), model.draw_ns(77));
  EXPECT_EQ(model, LatencyModel::exponential(kMillisecond));
  EXPECT_NE(model, LatencyModel::exponential(kMillisecond + 1));
  EXPECT_NE(model, LatencyModel::constant(kMillisecond));
}

struct BadModel {
  const char* name;
  std::function<void()> make;
  std::vector<std::string_view> said;
};

class BadLatency : public testing::TestWithParam<BadModel> {};

TEST_P(BadLatency, IsRefusedWithTheValueAndWhatIsAllowed) {
  expect_line_with(error_of(GetParam().make), GetParam().said);
}

constexpr std::int64_t kHour = 3600 * kSecond;

INSTANTIATE_TEST_SUITE_P(
    Values, BadLatency,
    testing::Values(
        BadModel{
            "Negative", [] { LatencyModel::constant(-1); }, {"constant latency -1ns", "0 to 1 h"}},
        BadModel{
            "NegativeMin", [] { LatencyModel::uniform(-1, 5); }, {"min latency -1ns", "0 to 1 h"}},
        BadModel{"LongMax",
                 [] { LatencyModel::uniform(0, kHour + 1); },
                 {"max latency 3600000000001ns", "0 to 1 h"}},
        BadModel{"MinAboveMax",
                 [] { LatencyModel::uniform(8, 7); },
                 {"min latency 8ns", "above max latency 7ns", "lower"}},
        BadModel{"MeanOfNothing",
                 [] { LatencyModel::exponential(0); },
                 {"mean latency 0ns", "1ns to 1 h"}},
        BadModel{"LongTail",
                 [] { LatencyModel::exponential(kHour / 27); },
                 {"exponential:mean=", "2^40", "above 1 h"}},
        BadModel{"P50OfNothing",
                 [] { LatencyModel::lognormal(0, 7); },
                 {"p50 latency 0ns", "1ns to 1 h"}},
        BadModel{"P99NotAboveP50",
                 [] { LatencyModel::lognormal(7, 7); },
                 {"p99 latency 7ns", "not above p50 latency 7ns"}},
        BadModel{"WideLognormal",
                 [] { LatencyModel::lognormal(1, kHour); },
                 {"lognormal:p50=1ns,p99=3600s", "above 1 h"}},
        BadModel{"ParetoFromNothing",
                 [] { LatencyModel::pareto(0, 7, 1); },
                 {"min latency 0ns", "1ns to 1 h"}},
        BadModel{"ParetoWithoutWidth",
                 [] { LatencyModel::pareto(7, 7, 1); },
                 {"max latency 7ns", "not above min latency 7ns"}},
        BadModel{"NoAlpha", [] { LatencyModel::pareto(1, 7, 0); }, {"alpha 0", "0.1 to 100"}},
        BadModel{"AlphaIsNaN",
                 [] { LatencyModel::pareto(1, 7, std::nan("")); },
                 {"alpha nan", "0.1 to 100"}}),
    [](const auto& test) { return test.param.name; });

// What is as wide as can be, and as narrow.
TEST(LatencyModel, TakesTheEndsOfItsRanges) {
  EXPECT_EQ(LatencyModel::uniform(0, kHour).max_ns(), kHour);
  EXPECT_LE(LatencyModel::exponential(kHour / 28).max_ns(), kHour);
  EXPECT_LE(LatencyModel::exponential(1).max_ns(), 28);
  EXPECT_EQ(LatencyModel::pareto(1, kHour, 0.1).min_ns(), 1);
  EXPECT_LE(LatencyModel::pareto(1, kHour, 0.1).max_ns(), kHour);
  EXPECT_LE(LatencyModel::pareto(1, kHour, 100).max_ns(), 2);
  EXPECT_LE(LatencyModel::pareto(kHour - 1, kHour, 100).max_ns(), kHour);
  EXPECT_NEAR(static_cast<double>(LatencyModel::lognormal(1'000'000, 1'000'001).max_ns()),
              1'000'003, 1);
}

}  // namespace
}  // namespace spate
