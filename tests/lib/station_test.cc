#include "spate/station.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <vector>

#include "spate/random.h"

namespace spate {
namespace {

struct Job {
  std::int64_t comes_ns;
  std::int64_t service_ns;
};

// Some come together, and some before the servers have caught up.
std::vector<Job> jobs(std::size_t count) {
  std::vector<Job> all;
  std::int64_t now_ns = 0;
  for (std::size_t i = 0; i < count; ++i) {
    now_ns += static_cast<std::int64_t>(scaled(mix64(i), 4));
    all.push_back({now_ns, static_cast<std::int64_t>(scaled(mix64(i + count), 20))});
  }
  return all;
}

// Nanosecond by nanosecond: a free server takes who has waited longest.
std::vector<std::int64_t> served_step_by_step(const std::vector<Job>& all, std::uint32_t servers) {
  std::vector<std::int64_t> done(all.size());
  std::vector<std::int64_t> busy_until(servers, 0);
  std::deque<std::size_t> waiting;
  std::size_t next = 0;
  std::size_t begun = 0;
  for (std::int64_t now_ns = 0; begun < all.size(); ++now_ns) {
    while (next < all.size() && all[next].comes_ns == now_ns) {
      waiting.push_back(next++);
    }
    for (std::int64_t& server : busy_until) {
      while (server <= now_ns && !waiting.empty()) {
        server = now_ns + all[waiting.front()].service_ns;
        done[waiting.front()] = server;
        waiting.pop_front();
        ++begun;
      }
    }
  }
  return done;
}

TEST(Station, ServesFirstComeFirstServed) {
  const std::vector<Job> all = jobs(5000);
  for (const std::uint32_t servers : {1U, 2U, 3U, 7U, 20U}) {
    Station station({.servers = servers, .fifo = false});
    const std::vector<std::int64_t> expected = served_step_by_step(all, servers);
    for (std::size_t i = 0; i < all.size(); ++i) {
      ASSERT_EQ(station.serve(all[i].comes_ns, all[i].service_ns), expected[i])
          << "job " << i << ", servers " << servers;
    }
  }
}

TEST(Station, NobodyWaitsWithoutALimit) {
  Station station({});
  for (const Job& job : jobs(100)) {
    EXPECT_EQ(station.serve(job.comes_ns, job.service_ns), job.comes_ns + job.service_ns);
    EXPECT_EQ(station.hand_out(job.comes_ns, 0, Lane::normal), job.comes_ns);
  }
}

TEST(Station, AnInboxHandsOutEachLaneInOrder) {
  Station station({.servers = 0, .fifo = true});
  EXPECT_EQ(station.hand_out(100, 5, Lane::normal), 100);
  EXPECT_EQ(station.hand_out(40, 5, Lane::normal), 101) << "behind the one before";
  EXPECT_EQ(station.hand_out(40, 5, Lane::urgent), 40) << "another lane";
  EXPECT_EQ(station.hand_out(40, 6, Lane::normal), 40) << "another inbox";
  EXPECT_EQ(station.hand_out(40, 5 + kMaxInboxes, Lane::normal), 102) << "the same inbox";
  EXPECT_EQ(station.hand_out(500, 5, Lane::normal), 500);
}

TEST(Station, EndsNothingAfterTheEndOfTime) {
  Station station({.servers = 1, .fifo = false});
  EXPECT_EQ(station.serve(0, kEndOfTimeNs - 1), kEndOfTimeNs - 1);
  EXPECT_EQ(station.serve(0, 3'600'000'000'000), kEndOfTimeNs);
  EXPECT_EQ(station.serve(0, 3'600'000'000'000), kEndOfTimeNs);
}

}  // namespace
}  // namespace spate
