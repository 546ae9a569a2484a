#include "nats_consumer.h"

#include <fmt/format.h>

#include <utility>

namespace spate::drivers::nats {
namespace {

// Listens where what comes of a worker's places is to go. The first readers of them the delivery
// has made; later ones begin with what was not acknowledged to the one before. A server that was
// started anew may have kept no streams: then they are made anew too. Where the same server is
// without them, somebody has removed them.
class ConnectIntakes {
 public:
  ConnectIntakes(const NatsRun& run, WorkerId worker, std::shared_ptr<std::uint64_t> generation)
      : run_(run), worker_(worker), generation_(std::move(generation)) {}

  std::unique_ptr<Wire> operator()(const Attempt& attempt) {
    if (attempt.one_of_many) {
      renew_readers(attempt);
    }
    std::vector<std::string> subjects;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      subjects.push_back(run_.inbox(worker_ * kLanes + lane));
    }
    auto wire = std::make_unique<Wire>(run_.address, run_.timeout_ns, attempt, subjects);
    server_id_ = wire->server_id();
    return wire;
  }

 private:
  // The new one first: what nobody wants to read a stream does not keep. What is left of the one
  // before would be kept for nobody, for the rest of the run: it is over only when both are done.
  // An attempt that ends in between is made again with the same names.
  void renew_readers(const Attempt& attempt) {
    Session session(run_.address, attempt);
    const bool another_server = session.server_id() != server_id_;
    const std::uint64_t next = *generation_ + 1;
    for (std::size_t place = worker_ * kLanes; place < (worker_ + 1) * kLanes; ++place) {
      const Reader reader = run_.reader(place, next);
      if (another_server && !session.has_stream(reader.stream, run_.places[place].subject)) {
        session.make_stream_read_by(reader, run_.places[place].subject, run_.storage);
        run_.troubles.add(
            fmt::format("nats: receiving, worker {}: the server came back without streams, which "
                        "are made anew: what it had and nobody had read is lost",
                        worker_));
        continue;
      }
      session.make_reader(reader);
      session.remove_reader(reader.stream, run_.reader(place, *generation_).name);
    }
    *generation_ = next;
  }

  const NatsRun& run_;
  WorkerId worker_;
  std::shared_ptr<std::uint64_t> generation_;
  std::string server_id_;  // of the last connection
};

}  // namespace

NatsConsumer::NatsConsumer(const NatsRun& run, WorkerId worker)
    : run_(run),
      worker_(worker),
      link_({ConnectIntakes(run, worker, generation_),
             {run.envelope.run_key(), Backoff::Of::consumer, worker}},
            run.timeout_ns, fmt::format("receiving, worker {}", worker), run.troubles),
      lanes_{{{Intake(run, worker * kLanes), {}}, {Intake(run, worker * kLanes + 1), {}}}} {}

std::size_t NatsConsumer::try_receive(std::span<Received> out) noexcept {
  acknowledge();
  const std::int64_t now_ns = SteadyClock{}.now_ns();
  if (link_.tend(now_ns)) {
    begun_ = false;
  }
  std::size_t count = 0;
  if (link_.up()) {
    begin(now_ns);
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      count += hand_over(lane, out.subspan(count));
      // At first the urgent lane alone: what waits there comes before anything normal.
      if (lane == 0 || lanes_[0].intake.begun()) {
        lanes_[lane].intake.ask(link_.wire());
      }
    }
    watch(now_ns);
  }
  link_.write();
  return count;
}

void NatsConsumer::begin(std::int64_t now_ns) noexcept {
  if (std::exchange(begun_, true)) {
    return;
  }
  last_heard_ns_ = now_ns;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    lanes_[lane].intake.begin(run_.reader(worker_ * kLanes + lane, *generation_));
  }
}

void NatsConsumer::acknowledge() noexcept {
  for (Lane& lane : lanes_) {
    if (!lane.handed_over.empty() && link_.up()) {
      link_.wire().publish(natsMsg_GetReply(lane.handed_over.back().get()), nullptr, {});
    }
    lane.handed_over.clear();
  }
}

std::size_t NatsConsumer::hand_over(std::size_t lane, std::span<Received> out) noexcept {
  std::size_t count = 0;
  while (count < out.size()) {
    Incoming message = link_.wire().next(lane);
    if (message == nullptr) {
      break;
    }
    heard_ = true;
    if (natsMsg_GetReply(message.get()) == nullptr) {  // nothing of the stream's
      lanes_[lane].intake.heed(*message);
      continue;
    }
    const std::span bytes(natsMsg_GetData(message.get()),
                          static_cast<std::size_t>(natsMsg_GetDataLength(message.get())));
    out[count++] = run_.envelope.read(std::as_bytes(bytes));
    lanes_[lane].handed_over.push_back(std::move(message));
    lanes_[lane].intake.handed_over();
  }
  return count;
}

void NatsConsumer::watch(std::int64_t now_ns) noexcept {
  if (std::exchange(heard_, false)) {
    last_heard_ns_ = now_ns;
  }
  // A server that has nothing to send says so, by then.
  if (now_ns - last_heard_ns_ > run_.timeout_ns + Intake::heartbeat_ns(run_.timeout_ns)) {
    link_.lose(link_.wire().complaint_or("it keeps silent"));
  } else if (link_.wire().take_unheard() > 0) {
    link_.lose("there is no stream any more, or none of its readers");
  } else {
    for (const Lane& lane : lanes_) {
      if (!lane.intake.complaint().empty()) {
        link_.lose(lane.intake.complaint());
        break;
      }
    }
  }
}

}  // namespace spate::drivers::nats
