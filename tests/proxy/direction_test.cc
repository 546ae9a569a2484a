// A direction over pairs of sockets, turn by turn: no other thread, and what is held is known to
// the byte.
#include "direction.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <vector>

#include "support/until.h"

namespace spate::proxy {
namespace {

using testing_support::comes_true;

constexpr std::int64_t kHourNs = 3'600'000'000'000;

class OneWay : public testing::Test {
 protected:
  // `kind` of those that are written to: with SOCK_SEQPACKET each write can be seen.
  void open(int kind, std::uint64_t seed) {
    connect(SOCK_STREAM, source_, from_);
    connect(kind, to_, sink_);
    direction_ = Direction(MessageDraws::of_sender(seed, 0));
  }
  Direction::Result turn(bool drops = false) {
    from_.readable = true;
    to_.writable = true;
    return direction_.turn(from_, to_, {conditions_, scratch_}, drops);
  }
  std::size_t put(std::string_view bytes) {
    const ssize_t count = send(source_.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    put_ += count > 0 ? static_cast<std::size_t>(count) : 0;
    return count > 0 ? static_cast<std::size_t>(count) : 0;
  }
  // Of one write, or of as much as there is.
  std::string get() {
    std::array<char, kReadBytes> bytes;
    const ssize_t count = recv(sink_.number(), bytes.data(), bytes.size(), 0);
    got_ += count > 0 ? static_cast<std::size_t>(count) : 0;
    return count > 0 ? std::string(bytes.data(), static_cast<std::size_t>(count)) : "";
  }
  std::size_t held() const { return put_ - got_ - waiting_in(from_.socket) - waiting_in(sink_); }
  std::size_t fill(std::size_t turns) {
    const std::string bytes(1 << 14, 'x');
    std::size_t most = 0;
    for (std::size_t at = 0; at < turns; ++at) {
      while (put(bytes) > 0) {
      }
      turn();
      most = std::max(most, held());
    }
    return most;
  }

  Conditions conditions_;
  Descriptor source_;
  Side from_;
  Side to_;
  Descriptor sink_;
  Direction direction_{MessageDraws::of_sender(0, 0)};

 private:
  static void connect(int kind, Descriptor& a, Side& b) { connect(kind, a, b.socket); }
  static void connect(int kind, Side& a, Descriptor& b) { connect(kind, a.socket, b); }
  static void connect(int kind, Descriptor& a, Descriptor& b) {
    std::array<int, 2> both{};
    ASSERT_EQ(socketpair(AF_UNIX, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, both.data()), 0);
    a = Descriptor(both[0]);
    b = Descriptor(both[1]);
  }

  std::array<char, kReadBytes> scratch_{};
  std::size_t put_ = 0;
  std::size_t got_ = 0;
};

TEST_F(OneWay, HoldsNextToNothingForAReaderThatIsSlow) {
  open(SOCK_STREAM, 1);
  const std::size_t most = fill(1000);
  EXPECT_LE(most, kReadBytes);
  EXPECT_EQ(put("x"), 0U) << "the writer waits";
  // All of it comes when it is read.
  std::size_t got = 0;
  for (std::string some = get(); !some.empty(); some = get()) {
    got += some.size();
    turn();
  }
  EXPECT_EQ(held(), 0U);
  EXPECT_GT(got, most);
}

TEST_F(OneWay, HoldsABoundedAmountToBeLate) {
  open(SOCK_STREAM, 1);
  conditions_.add_ns = kHourNs;
  const std::size_t most = fill(2000);
  EXPECT_GE(most, kUnderWayBytes - (1U << 15)) << "or a delay would be a bandwidth";
  EXPECT_LE(most, kUnderWayBytes + kReadBytes);
  EXPECT_EQ(put("x"), 0U) << "the writer waits";
  EXPECT_EQ(get(), "");
}

std::vector<std::size_t> sizes_of(const std::vector<std::string>& pieces) {
  std::vector<std::size_t> sizes;
  for (const std::string& piece : pieces) {
    sizes.push_back(piece.size());
  }
  return sizes;
}

class Sliced : public OneWay {
 protected:
  std::vector<std::string> pieces_with(std::uint64_t seed, const std::vector<std::string>& puts) {
    open(SOCK_SEQPACKET, seed);
    conditions_.slice = true;
    std::vector<std::string> pieces;
    for (const std::string& bytes : puts) {
      put(bytes);
      while (turn().again) {
      }
      for (std::string piece = get(); !piece.empty(); piece = get()) {
        pieces.push_back(piece);
      }
    }
    return pieces;
  }
};

TEST_F(Sliced, BytesComeInPiecesThatTheSeedDecides) {
  const std::string text = "The quick brown fox jumps over the lazy dog. Pack my box with jugs.";
  const auto pieces = pieces_with(1, {text, text, text});
  std::string all;
  for (const std::string& piece : pieces) {
    EXPECT_GE(piece.size(), 1U);
    EXPECT_LE(piece.size(), 16U);
    all += piece;
  }
  EXPECT_EQ(all, text + text + text);
  EXPECT_EQ(pieces_with(1, {text, text, text}), pieces);
  EXPECT_NE(sizes_of(pieces_with(2, {text, text, text})), sizes_of(pieces));
}

TEST_F(OneWay, PassesAnEndOnBehindWhatIsHeld) {
  open(SOCK_STREAM, 1);
  conditions_.add_ns = 20'000'000;
  const std::int64_t begun_ns = SteadyClock().now_ns();
  put("last words");
  shutdown(source_.number(), SHUT_WR);
  const auto result = turn();
  EXPECT_GE(result.wake_ns, begun_ns + 20'000'000);
  EXPECT_FALSE(direction_.finished());
  std::string got;
  EXPECT_TRUE(comes_true([&] {
    turn();
    got += get();
    return direction_.finished();
  }));
  EXPECT_GE(SteadyClock().now_ns(), begun_ns + 20'000'000);
  EXPECT_EQ(got + get(), "last words");
  char more = 0;
  EXPECT_EQ(recv(sink_.number(), &more, 1, 0), 0);
}

TEST_F(OneWay, ResetsWithoutWaitingForWhatCannotBeWritten) {
  open(SOCK_STREAM, 1);
  fill(1000);
  from_.broken = true;
  EXPECT_TRUE(turn().reset);
}

TEST_F(OneWay, SaysWhetherItLostBytes) {
  open(SOCK_STREAM, 1);
  turn(true);
  EXPECT_FALSE(direction_.lost_bytes());
  put("gone");
  turn(true);
  EXPECT_TRUE(direction_.lost_bytes());
  EXPECT_EQ(get(), "");
}

TEST_F(OneWay, TellsNobodyOfAnEndWhileBytesAreLost) {
  open(SOCK_STREAM, 1);
  shutdown(source_.number(), SHUT_WR);
  turn(true);
  EXPECT_FALSE(direction_.finished());
  turn(false);
  EXPECT_TRUE(direction_.finished());
  EXPECT_FALSE(direction_.lost_bytes());
}

}  // namespace
}  // namespace spate::proxy
