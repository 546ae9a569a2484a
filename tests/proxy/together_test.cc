// Many connections, and several threads that give orders.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "proxy/peers.h"
#include "support/threads.h"

namespace spate::proxy {
namespace {

TEST(Together, ThousandsOfConnectionsEachHaveTheirOwnBytes) {
  constexpr std::size_t kConnections = 2000;
  raise_descriptor_limit();
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < 4 * kConnections + 100) {
    GTEST_SKIP() << "too few descriptors: " << limit.rlim_cur;
  }
  ProxyAndServer both;
  std::vector<ProxyAndServer::Both> all;
  for (std::size_t at = 0; at < kConnections; ++at) {
    all.push_back(both.connect());
  }
  EXPECT_EQ(both.proxy().counts().open, kConnections);
  for (const Fault::Kind kind : {Fault::Kind::slice, Fault::Kind::latency}) {
    Fault fault{.kind = kind};
    fault.add_ns = 1'000'000;
    fault.jitter_ns = 20'000'000;
    both.proxy().begin(fault);
    for (std::size_t at = 0; at < kConnections; ++at) {
      all[at].client.send_all(stream_bytes(at, 0, 50));
      all[at].server.send_all(stream_bytes(at, 50, 50));
    }
    for (std::size_t at = 0; at < kConnections; ++at) {
      EXPECT_EQ(all[at].server.receive(50), stream_bytes(at, 0, 50));
      EXPECT_EQ(all[at].client.receive(50), stream_bytes(at, 50, 50));
    }
    both.proxy().end(fault);
  }
  both.proxy().begin({.kind = Fault::Kind::reset_connections});
  EXPECT_TRUE(std::all_of(all.begin(), all.end(), [](const auto& one) {
    return one.client.end() == Peer::End::reset && one.server.end() == Peer::End::reset;
  }));
}

// Whatever begins and ends meanwhile, from two threads: no byte is lost, and nothing stays behind.
TEST(Together, OrdersMayComeFromSeveralThreads) {
  constexpr std::size_t kBytes = std::size_t{1} << 20;
  ProxyAndServer both;
  const auto way = both.connect();
  const auto& client = way.client;
  const auto& server = way.server;
  std::atomic<bool> over{false};
  auto givers = testing_support::start_threads(2, [&](std::uint32_t thread) {
    Fault late{.kind = Fault::Kind::latency};
    late.add_ns = 100'000;
    late.jitter_ns = 100'000 * (thread + 1);
    const Fault slice{.kind = Fault::Kind::slice};
    const Fault hole{.kind = Fault::Kind::blackhole};
    while (!over.load(std::memory_order_relaxed)) {
      for (const Fault& fault : {late, slice, hole}) {
        both.proxy().begin(fault);
        both.proxy().counts();
        both.proxy().end(fault);
      }
    }
  });
  const std::string bytes = stream_bytes(1, 0, kBytes);
  std::thread writer([&] { client.send_all(bytes); });
  EXPECT_TRUE(server.receive(kBytes) == bytes);
  over.store(true, std::memory_order_relaxed);
  testing_support::join(givers);
  writer.join();
  server.send_all(bytes.substr(0, 1000));
  EXPECT_EQ(client.receive(1000), bytes.substr(0, 1000));
}

}  // namespace
}  // namespace spate::proxy
