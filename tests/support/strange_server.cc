#include "support/strange_server.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>
#include <vector>

#include "support/loopback.h"

namespace spate::testing_support {

StrangeServer::StrangeServer(std::string answer)
    : StrangeServer([answer = std::move(answer)](std::string_view /*request*/) { return answer; }) {
}

StrangeServer::StrangeServer(Answer answer, std::string greeting)
    : answer_(std::move(answer)),
      greeting_(std::move(greeting)),
      listener_(listen_on_loopback(port_)) {
  if (pipe(end_) != 0) {
    throw std::runtime_error("no pipe");
  }
  thread_ = std::thread([this] { serve(); });
}

StrangeServer::~StrangeServer() {
  (void)!write(end_[1], "e", 1);
  thread_.join();
  close(listener_);
  close(end_[0]);
  close(end_[1]);
}

void StrangeServer::serve() {
  std::vector<pollfd> watched{{end_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
  while (watched[0].revents == 0) {
    poll(watched.data(), watched.size(), -1);
    for (std::size_t at = 2; at < watched.size(); ++at) {
      std::array<char, 4096> bytes;
      if (watched[at].revents != 0) {
        const ssize_t count = recv(watched[at].fd, bytes.data(), bytes.size(), MSG_DONTWAIT);
        if (count <= 0) {
          close(std::exchange(watched[at].fd, -1));  // poll() passes over it
          continue;
        }
        const std::string answer = answer_({bytes.data(), static_cast<std::size_t>(count)});
        (void)!send(watched[at].fd, answer.data(), answer.size(), MSG_NOSIGNAL);
      }
    }
    if (watched[1].revents != 0) {
      const int client = accept(listener_, nullptr, nullptr);
      (void)!send(client, greeting_.data(), greeting_.size(), MSG_NOSIGNAL);
      watched.push_back({client, POLLIN, 0});
    }
  }
  for (std::size_t at = 2; at < watched.size(); ++at) {
    close(watched[at].fd);
  }
}

}  // namespace spate::testing_support
