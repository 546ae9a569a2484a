// What becomes of things that happen in the middle of a turn of the loop, or that the kernel
// refuses.
#include "loop.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "proxy/peers.h"

namespace spate::proxy {
namespace {

class Running {
 public:
  Running() : thread_([this] { loop_.run(); }) {}
  ~Running() {
    loop_.order([&] { loop_.end(); });
    thread_.join();
  }
  void in_a_turn(const std::function<void(Loop&)>& act) {
    loop_.order([&] { act(loop_); });
  }

 private:
  Loop loop_{1};
  std::thread thread_;
};

TEST(Loop, ResetsThoseOfWhomItHasNotBeenTold) {
  std::uint16_t port = 0;
  Descriptor listener = listen_on_loopback(port);
  std::uint16_t server_port = 0;
  const Descriptor server = listen_on_loopback(server_port);
  Running running;
  running.in_a_turn([&](Loop& loop) {
    EXPECT_EQ(loop.listen(std::move(listener), port, resolve({"127.0.0.1", server_port})), "");
  });
  running.in_a_turn([](Loop&) {});  // by now it has looked, and nobody was there
  std::optional<Peer> client;
  ProxyCounts counts;
  running.in_a_turn([&](Loop& loop) {
    client = Peer::connected_to(port);
    client->send_all("here");
    client->deliver();
    loop.begin({.kind = Fault::Kind::reset_connections});
    counts = loop.counts();
  });
  EXPECT_EQ(client->end(), Peer::End::reset);
  EXPECT_EQ(counts.accepted, 1U);
  EXPECT_EQ(counts.open, 0U);
}

TEST(Loop, SaysThatItCannotWatchAListener) {
  Running running;
  std::string trouble;
  running.in_a_turn([&](Loop& loop) {
    // Of a file the kernel tells nothing.
    trouble = loop.listen(Descriptor(open("/proc/self/exe", O_RDONLY | O_CLOEXEC)), 1, {});
  });
  EXPECT_NE(trouble.find("not permitted"), std::string::npos) << trouble;
}

}  // namespace
}  // namespace spate::proxy
