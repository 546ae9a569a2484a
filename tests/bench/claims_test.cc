#include "claims.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <string>

namespace spate::bench {
namespace {

using testing::HasSubstr;

std::string printed(const Figures& figures) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), &std::fclose);
  print_claims(file.get(), figures);
  std::string text(static_cast<std::size_t>(std::ftell(file.get())), '\0');
  std::rewind(file.get());
  EXPECT_EQ(std::fread(text.data(), 1, text.size(), file.get()), text.size());
  // A claim that takes several lines is one all the same.
  for (std::size_t at = text.find("\n    "); at != std::string::npos; at = text.find("\n    ")) {
    EXPECT_LE(at - (at == 0 ? 0 : text.rfind('\n', at - 1) + 1), 80U) << text;
    text.replace(at, 5, " ");
  }
  return text;
}

TEST(Claims, AreRatiosOfTimesOrOfThroughputs) {
  EXPECT_THAT(printed({{"micro/decide_and_record", {{kTimeNs, 30}}},
                       {"reference/decide_and_record", {{kTimeNs, 20}}}}),
              HasSubstr("reference/decide_and_record: 1.5 x (wanted: <= 2 x)\n"));
  // Four times as long is a quarter of the throughput.
  EXPECT_THAT(printed({{"peer/queue", {{kTimeNs, 40}}}, {"reference/moodycamel", {{kTimeNs, 10}}}}),
              HasSubstr("reference/moodycamel: 0.25 x (wanted: >= 0.8 x)\n"));
}

TEST(Claims, TellTheNumbersOfThreadsApart) {
  EXPECT_THAT(printed({{"micro/messaging_core/threads:8", {{kTimeNs, 10}}},
                       {"micro/messaging_core/threads:1", {{kTimeNs, 16}}},
                       {"reference/locked_core/threads:8", {{kTimeNs, 40}}}}),
              HasSubstr("reference/locked_core: 4 x (wanted: >= 3 x)\n"));
}

TEST(Claims, AreFiguresOfOneRun) {
  const std::string text = printed(
      {{"sustained/mode:mock/rate:1000000/agents:9",
        {{"rate_achieved", 999'500}, {"rate_asked", 1'000'000}, {"send_lateness_ns_p50", 183}}}});
  EXPECT_THAT(text, HasSubstr("0.9995 x (wanted: >= 0.999 x)\n"));
  EXPECT_THAT(text, HasSubstr("183 ns (wanted: <= 20000 ns)\n"));
  EXPECT_THAT(
      printed({{"scale/mode:mock/rate:100000/agents:100000", {{"memory_bytes_per_agent", 878.4}}}}),
      HasSubstr("878.4 bytes (wanted: <= 1024 bytes)\n"));
}

TEST(Claims, ThroughBrokersAreThroughputsAndLatencies) {
  const std::string text =
      printed({{"deliver/mode:redis", {{kTimeNs, 40}, {"response_ns_p50", 7}}},
               {"reference/deliver_redis", {{kTimeNs, 20}}},
               {"paced/mode:redis", {{kTimeNs, 1e6}, {"response_ns_p50", 30'000}}},
               {"reference/paced_redis", {{kTimeNs, 1e6}, {"response_ns_p50", 20'000}}}});
  EXPECT_THAT(text, HasSubstr("throughput of deliver/mode:redis by reference/deliver_redis: 0.5 x "
                              "(wanted: >= 0.9 x)\n"));
  EXPECT_THAT(text, HasSubstr("p50 of paced/mode:redis by reference/paced_redis: 1.5 x "
                              "(wanted: <= 1.1 x)\n"));
}

TEST(Claims, OfWhatWasNotRunSayNothing) {
  EXPECT_EQ(printed({}), "");
  EXPECT_EQ(printed({{"peer/queue", {{kTimeNs, 40}}}}), "");
}

}  // namespace
}  // namespace spate::bench
