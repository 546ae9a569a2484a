// A queue and the threads that drain it, once into the mock and once into the real thing.
#include "spate/queue_processor.h"

#include <chrono>
#include <cstdio>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "spate/messaging_core.h"

namespace {

using Deliver = std::function<void(spate::AgentMessage&)>;

// Runs the program's messages through `deliver`, whatever that is; it throws where it cannot.
spate::ProcessorStatistics process(const Deliver& deliver) {
  spate::QueueProcessor<spate::AgentMessage> processor({.threads = 2, .capacity = 100}, deliver);
  processor.start();
  for (int number = 0; number < 1000; ++number) {
    while (!processor.try_submit({.recipient = 1, .content = std::to_string(number)})) {
      std::this_thread::yield();  // at capacity
    }
  }
  if (!processor.drain(std::chrono::steady_clock::now() + std::chrono::seconds(30))) {
    std::puts("not drained in time");
  }
  return processor.statistics();
}

// Where it would go in a test: the mock decides.
struct ToMock {
  spate::MockMessagingCore& core;
  void operator()(const spate::AgentMessage& message) const {
    if (core.send_message_object(message).outcome != spate::Outcome::acked) {
      throw std::runtime_error("not delivered");
    }
  }
};

// Where it goes in earnest: here, into a box that keeps what it is given.
class Mailbox {
 public:
  void put(std::string content) {
    const std::lock_guard lock(mutex_);
    contents_.push_back(std::move(content));
  }
  std::size_t size() const { return contents_.size(); }

 private:
  std::mutex mutex_;
  std::vector<std::string> contents_;
};

}  // namespace

int main() {
  spate::MockMessagingCore core({.sleep = false});
  const spate::ProcessorStatistics mock = process(ToMock{core});
  Mailbox mailbox;
  const spate::ProcessorStatistics real =
      process([&](spate::AgentMessage& message) { mailbox.put(std::move(message.content)); });

  std::printf("mock: %llu delivered, %llu failed; real: %llu delivered, %llu failed\n",
              static_cast<unsigned long long>(mock.delivered),
              static_cast<unsigned long long>(mock.failed),
              static_cast<unsigned long long>(real.delivered),
              static_cast<unsigned long long>(real.failed));
  const bool right = mock.delivered == core.statistics().successful && mock.failed > 0 &&
                     mock.delivered + mock.failed == 1000 && real.delivered == 1000 &&
                     mailbox.size() == 1000;
  return right ? 0 : 1;
}
