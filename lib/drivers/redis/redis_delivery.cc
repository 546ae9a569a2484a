#include "redis_delivery.h"

#include <fmt/format.h>

#include <exception>

#include "commands.h"
#include "spate/drivers/naming.h"
#include "spate/error.h"

namespace spate::drivers::redis {

RedisDelivery::RedisDelivery(const Address& address, std::int64_t timeout_ns,
                             const DeliveryPlan& plan, Troubles& troubles)
    : run_{address,
           timeout_ns,
           troubles,
           plan.workers,
           plan.capacity,
           Envelope(plan.payloads),
           {},
           run_name(*plan.payloads)} {
  Session session(address, timeout_ns);
  for (WorkerId worker = 0; worker < plan.workers; ++worker) {
    for (const Lane lane : {Lane::urgent, Lane::normal}) {
      run_.streams.push_back(fmt::format("{}:{}:{}", run_.group, worker, name_of(lane)));
    }
  }
  try {
    make_streams(session);
  } catch (...) {
    remove_streams();
    throw;
  }
}

void RedisDelivery::make_streams(Session& session) {
  for (const std::string& stream : run_.streams) {
    std::string command;
    append_group_creation(command, stream, run_.group);
    const Reply reply = session.exchange(command);
    if (reply->type == REDIS_REPLY_ERROR) {
      throw Error(fmt::format("redis: the server at {} makes no stream: it answers '{}'; {}",
                              run_.address.shown(), text_of(*reply), advice(text_of(*reply))));
    }
  }
}

RedisDelivery::~RedisDelivery() { remove_streams(); }

void RedisDelivery::remove_streams() {
  try {
    std::string command;
    begin_command(command, 1 + run_.streams.size());
    append_word(command, "UNLINK");
    for (const std::string& stream : run_.streams) {
      append_word(command, stream);
    }
    const Reply reply = Session(run_.address, run_.timeout_ns).exchange(command);
    if (reply->type == REDIS_REPLY_ERROR) {
      throw Error(fmt::format("{}; {}", text_of(*reply), advice(text_of(*reply))));
    }
  } catch (const std::exception& error) {
    run_.troubles.add(
        fmt::format("redis: the streams {}:* could not be removed: {}", run_.group, error.what()));
  }
}

}  // namespace spate::drivers::redis
