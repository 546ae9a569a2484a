// A connection turn by turn, without the loop: so what happens between two turns is known.
#include "connection.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <utility>

#include "proxy/peers.h"
#include "support/until.h"

namespace spate::proxy {
namespace {

using testing_support::comes_true;

TEST(Connection, ReachedAServerThatAnsweredAndResetBeforeItsFirstTurn) {
  std::uint16_t client_port = 0;
  std::uint16_t server_port = 0;
  const Descriptor clients = listen_on_loopback(client_port);
  const Descriptor servers = listen_on_loopback(server_port);
  const Peer client = Peer::connected_to(client_port);
  const auto route = std::make_shared<const Route>(resolve({"127.0.0.1", server_port}));
  Connection connection(accept_from(clients), route, 1, 0);
  ASSERT_TRUE(connection.connect_next());
  Descriptor accepted;
  ASSERT_TRUE(comes_true([&] {
    accepted = accept_from(servers);
    return static_cast<bool>(accepted);
  }));
  Peer server(std::move(accepted));
  server.send_all("unfinished");
  server.deliver();  // a reset throws away what has not left yet
  server.reset();
  // As epoll tells it: in one event.
  connection.client().writable = true;
  Side& side = connection.server();
  side.readable = side.writable = side.ends = side.broken = true;
  std::array<char, kReadBytes> scratch;
  const Conditions conditions;
  const Connection::Result result = connection.turn({conditions, scratch});
  EXPECT_EQ(result.state, Connection::State::broken);
  EXPECT_EQ(result.to_client, 10U);
  connection.reset();
  EXPECT_EQ(client.receive(10), "unfinished");
  EXPECT_EQ(client.end(), Peer::End::reset);
}

}  // namespace
}  // namespace spate::proxy
