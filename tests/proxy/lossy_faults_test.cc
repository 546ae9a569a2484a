// Faults that lose bytes, or connections.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "proxy/peers.h"
#include "support/until.h"

namespace spate::proxy {
namespace {

using testing_support::comes_true;

constexpr Fault kReset{.kind = Fault::Kind::reset_connections};
constexpr Fault kHalfClose{.kind = Fault::Kind::half_close};
constexpr Fault kDropAcks{.kind = Fault::Kind::drop_acks};
constexpr Fault kBlackhole{.kind = Fault::Kind::blackhole};

void expect_trip(const Peer& from, const Peer& to) {
  from.send_all("ping");
  EXPECT_EQ(to.receive(4), "ping");
}

TEST(ResetConnections, IsSeenFromBothSidesOfEach) {
  ProxyAndServer both;
  std::vector<ProxyAndServer::Both> all;
  for (int count = 0; count < 5; ++count) {
    all.push_back(both.connect());
    expect_trip(all.back().client, all.back().server);
  }
  both.proxy().begin(kReset);
  EXPECT_EQ(both.proxy().counts().open, 0U);
  for (const auto& [client, server] : all) {
    EXPECT_EQ(client.end(), Peer::End::reset);
    EXPECT_EQ(server.end(), Peer::End::reset);
  }
  both.proxy().end(kReset);
  const auto way = both.connect();
  const auto& client = way.client;
  const auto& server = way.server;
  expect_trip(client, server);
  expect_trip(server, client);
}

TEST(ResetConnections, MeetsThoseWhomABlackHoleKeepsWaiting) {
  ProxyAndServer both;
  both.proxy().begin(kBlackhole);
  const Peer waiting = both.one_that_waits();
  both.settle();
  both.proxy().begin(kReset);
  EXPECT_EQ(waiting.end(), Peer::End::reset);
  EXPECT_FALSE(both.somebody_waits()) << "nothing gets through a black hole";
}

// However soon after they came: nobody but the kernel need have told of them.
TEST(ResetConnections, MeetsThoseWhomOnlyTheKernelHasLetIn) {
  ProxyAndServer both;
  for (int repeat = 0; repeat < 300; ++repeat) {
    const Peer waiting = both.one_that_waits();
    both.proxy().begin(kReset);
    ASSERT_EQ(both.proxy().counts().open, 0U);
    ASSERT_EQ(waiting.end(), Peer::End::reset);
  }
}

TEST(HalfClose, TellsTheClientAndLetsItGoOn) {
  ProxyAndServer both;
  const auto way = both.connect();
  const auto& client = way.client;
  const auto& server = way.server;
  server.send_all("what I owe");
  server.deliver();
  both.proxy().begin(kHalfClose);
  server.send_all("too late");
  EXPECT_EQ(client.receive(100), "what I owe");
  EXPECT_EQ(client.end(), Peer::End::end);
  expect_trip(client, server);
  server.send_all("and again");  // the server is not told
  expect_trip(client, server);
  EXPECT_EQ(both.proxy().counts().to_client, 10U);
  const auto later = both.connect();
  expect_trip(later.server, later.client);
  client.finish();
  EXPECT_EQ(server.end(), Peer::End::end);
  server.finish();
  EXPECT_TRUE(comes_true([&] { return both.proxy().counts().open == 1; }));
}

// However soon after it was sent.
TEST(HalfClose, OwesTheClientWhatTheServerHasSent) {
  ProxyAndServer both;
  for (int repeat = 0; repeat < 300; ++repeat) {
    const auto way = both.connect();
    expect_trip(way.client, way.server);
    way.server.send_all("what I owe");
    way.server.deliver();
    both.proxy().begin(kHalfClose);
    ASSERT_EQ(way.client.receive(100), "what I owe");
  }
}

// With so little bandwidth the proxy holds 4 KiB; the rest waits in the kernel.
TEST(HalfClose, OwesTheClientAlsoWhatIsNotReadYet) {
  Fault narrow{.kind = Fault::Kind::bandwidth};
  narrow.bytes_per_second = 100;
  ProxyAndServer both;
  const auto way = both.connect();
  both.proxy().begin(narrow);
  const std::string owed = stream_bytes(1, 0, 50'000);
  way.server.send_all(owed);
  way.server.deliver();
  both.proxy().begin(kHalfClose);
  way.server.send_all("too late");
  both.proxy().end(narrow);
  EXPECT_TRUE(way.client.receive(owed.size() + 1) == owed);
  EXPECT_EQ(way.client.end(), Peer::End::end);
  expect_trip(way.client, way.server);
}

TEST(HalfClose, IsToldAfterABlackHole) {
  ProxyAndServer both;
  const auto way = both.connect();
  const auto& client = way.client;
  const auto& server = way.server;
  expect_trip(client, server);
  both.proxy().begin(kBlackhole);
  both.proxy().begin(kHalfClose);
  both.settle();
  EXPECT_FALSE(client.has_something_to_read());
  both.proxy().end(kBlackhole);
  EXPECT_EQ(client.end(), Peer::End::end);
}

TEST(HalfClose, OwesTheClientWhatABlackHoleHeldBack) {
  ProxyAndServer both;
  const auto way = both.connect();
  const auto& client = way.client;
  const auto& server = way.server;
  expect_trip(client, server);
  both.proxy().begin(kBlackhole);
  server.send_all("owed");
  server.deliver();
  both.proxy().begin(kHalfClose);
  server.send_all("too late");
  server.deliver();
  both.proxy().begin(kHalfClose);  // does not make it more
  both.settle();
  EXPECT_FALSE(client.has_something_to_read());
  both.proxy().end(kBlackhole);
  EXPECT_EQ(client.receive(100), "owed");
  EXPECT_EQ(client.end(), Peer::End::end);
  expect_trip(client, server);
  EXPECT_EQ(both.proxy().counts().to_client, 4U);
}

TEST(HalfClose, MeetsThoseWhomOnlyTheKernelHasLetIn) {
  ProxyAndServer both;
  both.proxy().begin(kBlackhole);
  const Peer client = both.one_that_waits();
  both.proxy().begin(kHalfClose);
  both.settle();
  EXPECT_FALSE(both.somebody_waits());
  EXPECT_FALSE(client.has_something_to_read());
  both.proxy().end(kBlackhole);
  const Peer server = both.accept();
  EXPECT_EQ(server.receive(1), "w");
  server.send_all("no more answers");
  EXPECT_EQ(client.end(), Peer::End::end);
  expect_trip(client, server);
}

TEST(DropAcks, LosesWhatTheServerAnswersAndThenTheConnection) {
  ProxyAndServer both;
  const auto lost = both.connect();
  const auto quiet = both.connect();
  expect_trip(lost.server, lost.client);
  both.proxy().begin(kDropAcks);
  expect_trip(lost.client, lost.server);
  expect_trip(quiet.client, quiet.server);
  lost.server.send_all("acknowledged");
  lost.server.deliver();
  both.settle();
  expect_trip(lost.client, lost.server);
  EXPECT_FALSE(lost.client.has_something_to_read());
  EXPECT_EQ(both.proxy().counts().to_client, 4U);
  both.proxy().end(kDropAcks);
  EXPECT_EQ(lost.client.end(), Peer::End::reset);
  EXPECT_EQ(lost.server.end(), Peer::End::reset);
  expect_trip(quiet.client, quiet.server);
  expect_trip(quiet.server, quiet.client);
  EXPECT_EQ(both.proxy().counts().open, 1U);
}

TEST(DropAcks, TellsNoEndUntilItIsOver) {
  ProxyAndServer both;
  const auto way = both.connect();
  const auto& client = way.client;
  const auto& server = way.server;
  auto broken = both.connect();
  expect_trip(client, server);
  both.proxy().begin(kDropAcks);
  server.finish();
  server.deliver();
  broken.server.reset();
  both.settle();
  EXPECT_FALSE(client.has_something_to_read());
  EXPECT_FALSE(broken.client.has_something_to_read());
  expect_trip(client, server);
  both.proxy().end(kDropAcks);
  EXPECT_EQ(client.end(), Peer::End::end) << "nothing was lost";
  EXPECT_EQ(broken.client.end(), Peer::End::reset);
  expect_trip(client, server);
}

TEST(DropAcks, TellsNobodyInABlackHole) {
  ProxyAndServer both;
  const auto way = both.connect();
  const auto& client = way.client;
  const auto& server = way.server;
  both.proxy().begin(kDropAcks);
  server.send_all("acknowledged");
  server.deliver();
  both.settle();
  both.proxy().begin(kBlackhole);
  both.proxy().end(kDropAcks);
  both.settle();
  EXPECT_FALSE(client.has_something_to_read());
  both.proxy().end(kBlackhole);
  EXPECT_EQ(client.end(), Peer::End::reset);
  EXPECT_EQ(server.end(), Peer::End::reset);
}

TEST(DropAcks, IsThereUntilTheLastOneEnds) {
  ProxyAndServer both;
  const auto way = both.connect();
  const auto& client = way.client;
  const auto& server = way.server;
  both.proxy().begin(kDropAcks);
  both.proxy().begin(kDropAcks);
  server.send_all("acknowledged");
  server.deliver();
  both.settle();
  both.proxy().end(kDropAcks);
  expect_trip(client, server);
  EXPECT_FALSE(client.has_something_to_read());
  both.proxy().end(kDropAcks);
  EXPECT_EQ(client.end(), Peer::End::reset);
}

}  // namespace
}  // namespace spate::proxy
