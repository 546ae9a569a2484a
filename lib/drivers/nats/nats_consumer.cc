#include "nats_consumer.h"

#include <fmt/format.h>

#include <exception>

namespace spate::drivers::nats {
namespace {

// Listens at the readers of a worker's places. Those of the first time the delivery has made;
// later ones begin with what was not acknowledged to the one before.
class ConnectReaders {
 public:
  ConnectReaders(const NatsRun& run, WorkerId worker) : run_(run), worker_(worker) {}

  std::unique_ptr<Wire> operator()() {
    if (again_) {
      renew_readers();
    }
    again_ = true;
    std::vector<std::string> subjects;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      subjects.push_back(run_.reader(worker_ * kLanes + lane, generation_).deliver_to);
    }
    return std::make_unique<Wire>(run_.address, run_.timeout_ns, subjects);
  }

 private:
  // The new one first: what nobody wants to read a stream does not keep. One that cannot be removed
  // goes by itself.
  void renew_readers() {
    Session session(run_.address, run_.timeout_ns);
    const std::uint64_t before = generation_++;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const Reader reader = run_.reader(worker_ * kLanes + lane, generation_);
      session.make_reader(reader);
      session.remove_reader(reader.stream, run_.reader(worker_ * kLanes + lane, before).name);
    }
  }

  const NatsRun& run_;
  WorkerId worker_;
  std::uint64_t generation_ = 0;
  bool again_ = false;
};

}  // namespace

NatsConsumer::NatsConsumer(const NatsRun& run, WorkerId worker)
    : run_(run),
      link_(ConnectReaders(run, worker), run.timeout_ns,
            fmt::format("receiving, worker {}", worker), run.troubles),
      last_heard_ns_(SteadyClock{}.now_ns()) {}

std::size_t NatsConsumer::try_receive(std::span<Received> out) noexcept {
  acknowledge();
  const std::int64_t now_ns = SteadyClock{}.now_ns();
  link_.tend(now_ns);
  std::size_t count = 0;
  if (link_.up()) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      count += hand_over(lane, out.subspan(count));
    }
    watch(now_ns);
  }
  return count;
}

void NatsConsumer::acknowledge() noexcept {
  for (std::vector<Incoming>& messages : handed_over_) {
    if (!messages.empty() && link_.up()) {
      link_.wire().publish(natsMsg_GetReply(messages.back().get()), nullptr, {});
    }
    messages.clear();
  }
}

std::size_t NatsConsumer::hand_over(std::size_t lane, std::span<Received> out) noexcept {
  std::size_t count = 0;
  while (count < out.size()) {
    Incoming message = link_.wire().next(lane);
    if (message == nullptr) {
      break;
    }
    last_heard_ns_ = SteadyClock{}.now_ns();
    if (natsMsg_GetReply(message.get()) == nullptr) {
      continue;  // nothing of the stream's: a heartbeat
    }
    const std::span bytes(natsMsg_GetData(message.get()),
                          static_cast<std::size_t>(natsMsg_GetDataLength(message.get())));
    out[count++] = run_.envelope.read(std::as_bytes(bytes));
    handed_over_[lane].push_back(std::move(message));
  }
  return count;
}

void NatsConsumer::watch(std::int64_t now_ns) noexcept {
  // A server that has nothing to send says so, by then.
  if (now_ns - last_heard_ns_ > run_.timeout_ns + run_.heartbeat_ns()) {
    link_.lose("it keeps silent");
    last_heard_ns_ = now_ns;
  }
}

}  // namespace spate::drivers::nats
