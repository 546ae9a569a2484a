// When there are no descriptors left.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdlib>
#include <vector>

#include "proxy/peers.h"

namespace spate::proxy {
namespace {

rlimit descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit;
}

// Takes all that are left but `spared`.
std::vector<Descriptor> take_all_but(std::size_t spared) {
  std::vector<Descriptor> taken;
  for (;;) {
    Descriptor one(open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!one) {
      break;
    }
    taken.push_back(std::move(one));
  }
  taken.resize(taken.size() - spared);
  return taken;
}

class Descriptors : public testing::Test {
 protected:
  Descriptors() { raise_descriptor_limit(); }
  ~Descriptors() override { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_ = descriptor_limit();
};

void expect_refusals_and_others_to_go_on() {
  ProxyAndServer both;
  const auto [client, server] = both.connect();
  // For the client alone; and for the client and what is accepted, but not for the way on.
  for (const std::size_t spared : {1U, 2U}) {
    const std::uint64_t refused_before = both.proxy().counts().refused;
    const auto taken = take_all_but(spared);
    const Peer refused = Peer::connected_to(both.port());
    EXPECT_EQ(refused.end(), Peer::End::reset);
    EXPECT_EQ(both.proxy().counts().refused, refused_before + 1);
    client.send_all("ping");
    EXPECT_EQ(server.receive(4), "ping");
  }
  EXPECT_EQ(both.proxy().counts().accepted, 2U) << "one of those who were refused";
  EXPECT_EQ(both.proxy().counts().open, 1U);
  const auto later = both.connect();
  later.client.send_all("pong");
  EXPECT_EQ(later.server.receive(4), "pong");
}

// In a process of its own, which has so few that it can take them all, and none to ask for.
TEST(DescriptorsDeathTest, AreRefusedToClientsAndOthersGoOn) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto with_few = [] {
    constexpr rlimit kFew{256, 256};
    if (setrlimit(RLIMIT_NOFILE, &kFew) != 0) {
      std::exit(2);
    }
    expect_refusals_and_others_to_go_on();
    std::exit(testing::Test::HasFailure() ? 1 : 0);
  };
  EXPECT_EXIT(with_few(), testing::ExitedWithCode(0), "");
}

// For the client there is one, and then for what is accepted too, but not for the way on.
TEST_F(Descriptors, AreAskedForWhereTheLimitMayBeRaised) {
  ProxyAndServer both;
  std::vector<Descriptor> taken;
  for (int count = 0; count < 100; ++count) {  // so that none is free below the last
    taken.emplace_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
  }
  std::vector<Peer> kept;  // nor is what a connection had
  for (const rlim_t left : {1U, 2U}) {
    taken.emplace_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
    rlimit limit = descriptor_limit();
    limit.rlim_cur = static_cast<rlim_t>(taken.back().number()) + 1 + left;
    if (limit.rlim_cur >= limit.rlim_max) {
      GTEST_SKIP() << "the limit may not be raised";
    }
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
    kept.push_back(Peer::connected_to(both.port()));
    kept.back().send_all("ping");
    kept.push_back(both.accept());
    EXPECT_EQ(kept.back().receive(4), "ping");
    EXPECT_EQ(descriptor_limit().rlim_cur, descriptor_limit().rlim_max);
    EXPECT_EQ(both.proxy().counts().refused, 0U);
  }
}

}  // namespace
}  // namespace spate::proxy
