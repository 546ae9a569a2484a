// Faults that lose no byte: what is sent while they are in force arrives, late or in pieces. Times
// have lower bounds only: a busy machine may be as slow as it likes.
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <thread>
#include <vector>

#include "proxy/peers.h"
#include "spate/clock.h"

namespace spate::proxy {
namespace {

constexpr std::int64_t kMillisecondNs = 1'000'000;

Fault latency(std::int64_t add_ms, std::int64_t jitter_ms) {
  Fault fault{.kind = Fault::Kind::latency};
  fault.add_ns = add_ms * kMillisecondNs;
  fault.jitter_ns = jitter_ms * kMillisecondNs;
  return fault;
}

Fault bandwidth(std::uint64_t bytes_per_second) {
  Fault fault{.kind = Fault::Kind::bandwidth};
  fault.bytes_per_second = bytes_per_second;
  return fault;
}

constexpr Fault kBlackhole{.kind = Fault::Kind::blackhole};
constexpr Fault kSlice{.kind = Fault::Kind::slice};

template <class Action>
std::int64_t time_of(Action&& action) {
  const std::int64_t begun_ns = SteadyClock().now_ns();
  action();
  return SteadyClock().now_ns() - begun_ns;
}

std::int64_t trip_ns(const Peer& from, const Peer& to) {
  return time_of([&] {
    from.send_all("ping");
    EXPECT_EQ(to.receive(4), "ping");
  });
}

TEST(Latency, IsAtLeastWhatWasAsked) {
  ProxyAndServer both;
  const auto way = both.connect();
  const auto& client = way.client;
  const auto& server = way.server;
  both.proxy().begin(latency(30, 0));
  for (int repeat = 0; repeat < 3; ++repeat) {
    EXPECT_GE(trip_ns(client, server), 30 * kMillisecondNs);
    EXPECT_GE(trip_ns(server, client), 30 * kMillisecondNs);
  }
  both.proxy().end(latency(30, 0));
  constexpr std::int64_t kHourMs = 3'600'000;  // longer than anybody waits for a trip
  both.proxy().begin(latency(kHourMs, 0));
  both.proxy().end(latency(kHourMs, 0));
  trip_ns(client, server);
  trip_ns(server, client);
}

TEST(Latency, AddsUp) {
  ProxyAndServer both;
  const auto way = both.connect();
  const auto& client = way.client;
  const auto& server = way.server;
  both.proxy().begin(latency(20, 0));
  both.proxy().begin(latency(40, 10));
  EXPECT_GE(trip_ns(client, server), 60 * kMillisecondNs);
  both.proxy().end(latency(20, 0));
  EXPECT_GE(trip_ns(client, server), 40 * kMillisecondNs);
}

TEST(Latency, IsOfEndsAndResetsToo) {
  ProxyAndServer both;
  auto first = both.connect();
  auto second = both.connect();
  both.proxy().begin(latency(30, 0));
  EXPECT_GE(time_of([&] {
              first.client.finish();
              EXPECT_EQ(first.server.end(), Peer::End::end);
            }),
            30 * kMillisecondNs);
  EXPECT_GE(time_of([&] {
              second.server.reset();
              EXPECT_EQ(second.client.end(), Peer::End::reset);
            }),
            30 * kMillisecondNs);
}

TEST(Latency, KeepsTheOrderUnderJitter) {
  constexpr std::size_t kPieces = 400;
  constexpr std::size_t kBytes = 100;
  ProxyAndServer both;
  const auto way = both.connect();
  const auto& client = way.client;
  const auto& server = way.server;
  both.proxy().begin(latency(0, 20));
  for (std::size_t piece = 0; piece < kPieces; ++piece) {
    client.send_all(stream_bytes(1, piece * kBytes, kBytes));
    if (piece % 8 == 0) {
      both.settle();  // so that pieces are read each by itself, and have a jitter of their own
    }
    if (piece == kPieces / 2) {
      both.proxy().end(latency(0, 20));  // nor does what comes then overtake
    }
  }
  EXPECT_TRUE(server.receive(kPieces * kBytes) == stream_bytes(1, 0, kPieces * kBytes));
}

TEST(Bandwidth, IsAtMostWhatWasAskedInEachDirection) {
  constexpr std::uint64_t kRate = 200'000;
  constexpr std::size_t kBytes = 60'000;
  // What may have been saved up, 10 ms worth, takes no time.
  constexpr auto kLeastNs =
      static_cast<std::int64_t>((kBytes - kRate / 100) * 1'000'000'000 / kRate);
  ProxyAndServer both;
  const auto way = both.connect();
  const auto& client = way.client;
  const auto& server = way.server;
  both.proxy().begin(bandwidth(10 * kRate));
  both.proxy().begin(bandwidth(kRate));
  const std::string bytes = stream_bytes(2, 0, kBytes);
  const std::int64_t took_ns = time_of([&] {
    std::thread other([&] {
      EXPECT_GE(time_of([&] {
                  server.send_all(bytes);
                  EXPECT_TRUE(client.receive(kBytes) == bytes);
                }),
                kLeastNs);
    });
    client.send_all(bytes);
    EXPECT_TRUE(server.receive(kBytes) == bytes);
    other.join();
  });
  EXPECT_GE(took_ns, kLeastNs);
}

TEST(Bandwidth, IsOfEachConnection) {
  constexpr std::uint64_t kRate = 100;  // it would take 1000 s, longer than anybody waits
  ProxyAndServer both;
  const auto first = both.connect();
  const auto second = both.connect();
  both.proxy().begin(bandwidth(kRate));
  // The first is at its bound for long; the second has its own.
  first.client.send_all(stream_bytes(3, 0, 100'000));
  trip_ns(second.client, second.server);
  EXPECT_LT(both.proxy().counts().to_server, 100'000U);
  both.proxy().end(bandwidth(kRate));
  EXPECT_TRUE(first.server.receive(100'000) == stream_bytes(3, 0, 100'000));
}

TEST(Blackhole, LetsNothingPassUntilItEnds) {
  ProxyAndServer both;
  auto way = both.connect();
  auto& client = way.client;
  auto& server = way.server;
  auto broken = both.connect();
  trip_ns(client, server);
  both.proxy().begin(kBlackhole);
  client.send_all("there");
  server.send_all("back");
  client.finish();
  broken.client.reset();
  const Peer late = Peer::connected_to(both.port());  // the kernel lets it in
  late.send_all("hello");
  both.settle();
  EXPECT_EQ(both.proxy().counts().to_server, 4U);
  EXPECT_EQ(both.proxy().counts().to_client, 0U);
  for (const Peer* const peer :
       std::initializer_list<const Peer*>{&client, &server, &broken.server, &late}) {
    EXPECT_FALSE(peer->has_something_to_read());
  }
  EXPECT_FALSE(both.somebody_waits());
  EXPECT_EQ(both.proxy().counts().accepted, 2U);
  both.proxy().end(kBlackhole);
  EXPECT_EQ(server.receive(100), "there");
  EXPECT_EQ(client.receive(4), "back");
  EXPECT_EQ(broken.server.end(), Peer::End::reset);
  EXPECT_EQ(both.accept().receive(5), "hello");
}

TEST(Blackhole, IsThereUntilTheLastOneEnds) {
  ProxyAndServer both;
  const auto way = both.connect();
  const auto& client = way.client;
  const auto& server = way.server;
  Fault longer = kBlackhole;
  longer.for_ns = 1;
  both.proxy().begin(kBlackhole);
  both.proxy().begin(longer);
  client.send_all("there");
  both.proxy().end(kBlackhole);
  both.settle();
  EXPECT_FALSE(server.has_something_to_read());
  both.proxy().end(longer);
  EXPECT_EQ(server.receive(5), "there");
}

TEST(Slice, ChangesNoByte) {
  ProxyAndServer both;
  const auto way = both.connect();
  const auto& client = way.client;
  const auto& server = way.server;
  both.proxy().begin(kSlice);
  const std::string bytes = stream_bytes(4, 0, 300'000);
  std::thread writer([&] { client.send_all(bytes); });
  EXPECT_TRUE(server.receive(bytes.size()) == bytes);
  writer.join();
  trip_ns(server, client);
}

TEST(Faults, Compose) {
  ProxyAndServer both;
  const auto way = both.connect();
  const auto& client = way.client;
  const auto& server = way.server;
  both.proxy().begin(latency(50, 5));
  both.proxy().begin(bandwidth(200'000));
  both.proxy().begin(kSlice);
  const std::string bytes = stream_bytes(6, 0, 22'000);
  EXPECT_GE(time_of([&] {
              client.send_all(bytes);
              EXPECT_TRUE(server.receive(bytes.size()) == bytes);
            }),
            150 * kMillisecondNs);  // 50 ms, and 20,000 bytes at 200,000/s
}

}  // namespace
}  // namespace spate::proxy
