// Without a fault the proxy is not there.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "proxy/peers.h"
#include "spate/error.h"
#include "support/expect_error.h"
#include "support/loopback.h"
#include "support/threads.h"
#include "support/until.h"

namespace spate::proxy {
namespace {

using testing_support::comes_true;
using testing_support::expect_error;

constexpr std::size_t kStream = std::size_t{4} << 20;

// Writes a stream in pieces of many sizes, then its end.
void write_stream(const Peer& to, std::uint64_t stream) {
  const std::string all = stream_bytes(stream, 0, kStream);
  std::size_t size = 1;
  for (std::size_t at = 0; at < all.size(); at += size) {
    size = std::min<std::size_t>((size * 7 + 13) % 100'000 + 1, all.size() - at);
    to.send_all(std::string_view(all).substr(at, size));
  }
  to.finish();
}

void expect_stream(const Peer& from, std::uint64_t stream) {
  EXPECT_TRUE(from.receive(kStream) == stream_bytes(stream, 0, kStream)) << stream;
  EXPECT_EQ(from.end(), Peer::End::end);
}

TEST(Passing, ChangesNoByteOfManyStreamsAtOnce) {
  constexpr std::uint32_t kConnections = 3;
  ProxyAndServer both;
  std::vector<ProxyAndServer::Both> all;
  for (std::uint32_t at = 0; at < kConnections; ++at) {
    all.push_back(both.connect());
  }
  testing_support::run_threads(4 * kConnections, [&](std::uint32_t thread) {
    const auto& [client, server] = all[thread / 4];
    const std::uint64_t there = 2 * (thread / 4);
    switch (thread % 4) {
      case 0:
        write_stream(client, there);
        break;
      case 1:
        expect_stream(server, there);
        break;
      case 2:
        write_stream(server, there + 1);
        break;
      default:
        expect_stream(client, there + 1);
    }
  });
  EXPECT_TRUE(comes_true([&] { return both.proxy().counts().open == 0; }));
  const ProxyCounts counts = both.proxy().counts();
  EXPECT_EQ(counts.accepted, kConnections);
  EXPECT_EQ(counts.refused, 0U);
  EXPECT_EQ(counts.to_server, kConnections * kStream);
  EXPECT_EQ(counts.to_client, kConnections * kStream);
}

TEST(Passing, BlocksTheWriterWhereTheReaderIsSlow) {
  ProxyAndServer both;
  const auto way = both.connect();
  const auto& client = way.client;
  const auto& server = way.server;
  const std::string bytes = stream_bytes(5, 0, 1 << 16);
  std::size_t sent = 0;
  // Until neither the kernel nor the proxy takes any more, and a turn of the proxy changes nothing.
  for (int full = 0; full < 3;) {
    const std::size_t at = sent % bytes.size();
    const std::size_t some = client.send_some(std::string_view(bytes).substr(at));
    sent += some;
    full = some == 0 ? full + 1 : 0;
    both.settle();
    ASSERT_LT(sent, std::size_t{1} << 28) << "nobody holds a writer back";
  }
  EXPECT_LT(both.proxy().counts().to_server, sent);
  const std::string got = server.receive(sent);
  ASSERT_EQ(got.size(), sent);
  for (std::size_t at = 0; at < sent; at += bytes.size()) {
    ASSERT_TRUE(std::string_view(got).substr(at, bytes.size()) ==
                std::string_view(bytes).substr(0, std::min(bytes.size(), sent - at)));
  }
}

TEST(Passing, PassesAnEndOnAndKeepsTheOtherDirection) {
  ProxyAndServer both;
  const auto way = both.connect();
  const auto& client = way.client;
  const auto& server = way.server;
  client.send_all("all that I have");
  client.finish();
  EXPECT_EQ(server.receive(100), "all that I have");
  server.send_all("much more");
  EXPECT_EQ(client.receive(9), "much more");
  EXPECT_EQ(both.proxy().counts().open, 1U);
  server.finish();
  EXPECT_EQ(client.end(), Peer::End::end);
  EXPECT_TRUE(comes_true([&] { return both.proxy().counts().open == 0; }));
}

TEST(Passing, PassesAnEndOnThatTheServerBegins) {
  ProxyAndServer both;
  const auto way = both.connect();
  const auto& client = way.client;
  const auto& server = way.server;
  server.send_all("bye");
  server.finish();
  EXPECT_EQ(client.receive(100), "bye");
  client.send_all("wait");
  EXPECT_EQ(server.receive(4), "wait");
  client.finish();
  EXPECT_EQ(server.end(), Peer::End::end);
  EXPECT_TRUE(comes_true([&] { return both.proxy().counts().open == 0; }));
}

TEST(Passing, PassesAResetOnBehindWhatCameBefore) {
  ProxyAndServer both;
  auto first = both.connect();
  first.client.send_all("unfinished");
  first.client.deliver();
  first.client.reset();
  EXPECT_EQ(first.server.receive(10), "unfinished");
  EXPECT_EQ(first.server.end(), Peer::End::reset);
  auto second = both.connect();
  second.server.send_all("unfinished");
  second.server.deliver();
  second.server.reset();
  EXPECT_EQ(second.client.receive(10), "unfinished");
  EXPECT_EQ(second.client.end(), Peer::End::reset);
  EXPECT_TRUE(comes_true([&] { return both.proxy().counts().open == 0; }));
}

// A side that has closed answers what still comes with a reset.
TEST(Passing, PassesAResetOnThatItsOwnWritingCauses) {
  ProxyAndServer both;
  auto way = both.connect();
  auto& client = way.client;
  auto& server = way.server;
  client.close();
  EXPECT_EQ(server.end(), Peer::End::end);
  const auto broken = [&] {
    try {
      server.send_some("to nobody");
      return false;
    } catch (const std::runtime_error&) {
      return true;
    }
  };
  EXPECT_TRUE(comes_true(broken));
  EXPECT_TRUE(comes_true([&] { return both.proxy().counts().open == 0; }));
}

// Taken, so that nobody else gets it while this lives, but who asks for it by number may listen
// there; until then nobody does.
class PortOfNobody {
 public:
  PortOfNobody() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = testing_support::loopback(0);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    const int yes = 1;
    setsockopt(socket_.number(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(socket_.number(), any, size) != 0 || getsockname(socket_.number(), any, &size) != 0) {
      throw std::runtime_error("no port");
    }
    port_ = ntohs(address.sin_port);
  }
  std::uint16_t port() const { return port_; }

 private:
  Descriptor socket_;
  std::uint16_t port_ = 0;
};

TEST(Passing, ResetsWhomItCannotLeadOn) {
  Proxy proxy(1);
  const PortOfNobody nobody;
  const std::uint16_t port = proxy.lead_to({"127.0.0.1", nobody.port()});
  EXPECT_EQ(Peer::connected_to(port).end(), Peer::End::reset);
  EXPECT_EQ(proxy.counts().open, 0U);
  EXPECT_EQ(proxy.counts().accepted, 1U);
  EXPECT_EQ(proxy.counts().refused, 1U);
}

TEST(Passing, ResetsEverybodyAtTheEnd) {
  ProxyAndServer both;
  const auto way = both.connect();
  const auto& client = way.client;
  const auto& server = way.server;
  both.end_proxy();
  EXPECT_EQ(client.end(), Peer::End::reset);
  EXPECT_EQ(server.end(), Peer::End::reset);
}

TEST(Passing, LeadsToSeveralServers) {
  ProxyAndServer first;
  std::uint16_t port = 0;
  const Descriptor listener = listen_on_loopback(port);
  const std::uint16_t to_second = first.proxy().lead_to({"localhost", port});
  const Peer client = Peer::connected_to(to_second);
  client.send_all("second");
  const auto connected = first.connect();
  connected.client.send_all("first");
  EXPECT_EQ(connected.server.receive(5), "first");
  Descriptor second;
  EXPECT_TRUE(comes_true([&] {
    second = accept_from(listener);
    return static_cast<bool>(second);
  }));
  EXPECT_EQ(Peer(std::move(second)).receive(6), "second");
}

TEST(Passing, LeadsToAServerOfIPv6) {
  const Descriptor listener(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (bind(listener.number(), any, size) != 0) {
    GTEST_SKIP() << "no IPv6 here";
  }
  ASSERT_EQ(listen(listener.number(), 1), 0);
  getsockname(listener.number(), any, &size);
  Proxy proxy(1);
  const Peer client = Peer::connected_to(proxy.lead_to({"::1", ntohs(address.sin6_port)}));
  const Peer server(Descriptor(accept(listener.number(), nullptr, nullptr)));
  client.send_all("six");
  EXPECT_EQ(server.receive(3), "six");
}

TEST(Passing, SaysWhatIsWrongWithWhereItIsToLead) {
  Proxy proxy(1);
  expect_error([&] { proxy.lead_to({"no such host", 1}); }, {"no such host:1", "give a name"});
  std::uint16_t taken = 0;
  const Descriptor listener = listen_on_loopback(taken);
  const std::string port = std::to_string(taken);
  expect_error([&] { proxy.lead_to({"127.0.0.1", 1}, taken); }, {port.c_str(), "free"});
}

TEST(Passing, RefusesToLeadToItself) {
  ProxyAndServer both;
  for (const char* const self : {"127.0.0.1", "localhost", "0.0.0.0", "::ffff:127.0.0.1"}) {
    expect_error([&] { both.proxy().lead_to({self, both.port()}); }, {self, "to itself"});
  }
  const PortOfNobody own;
  const std::uint16_t next = own.port();
  Proxy circle(1);
  expect_error([&] { circle.lead_to({"127.0.0.1", next}, next); }, {"to itself"});
  circle.lead_to({"127.0.0.1", next});  // for as long as somebody else listens there
  expect_error([&] { circle.lead_to({"127.0.0.1", 1}, next); }, {"to itself"});
  // What was refused is no listener any more.
  EXPECT_THROW(Peer::connected_to(next), std::runtime_error);
  const auto [client, server] = both.connect();
  client.send_all("on");
  EXPECT_EQ(server.receive(2), "on");
}

}  // namespace
}  // namespace spate::proxy
