// A server of no kind that anybody expects.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace spate::testing_support {

// Listens on loopback, lets everybody in, and answers whatever comes with the same text; with
// nothing, when the text is empty.
class StrangeServer {
 public:
  using Answer = std::function<std::string(std::string_view request)>;

  explicit StrangeServer(std::string answer);
  // Answers what was received at once, which a short request is, with what `answer` says to it, on
  // a thread of its own.
  // Whoever connects is greeted first, where there is a greeting.
  explicit StrangeServer(Answer answer, std::string greeting = "");
  ~StrangeServer();
  StrangeServer(const StrangeServer&) = delete;
  StrangeServer& operator=(const StrangeServer&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  void serve();

  Answer answer_;
  std::string greeting_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  int end_[2] = {-1, -1};
  std::thread thread_;
};

}  // namespace spate::testing_support
