#include "nats_access.h"

#include <fmt/format.h>
#include <nats/nats.h>

#include <memory>

#include "spate/drivers/destroy.h"
#include "spate/error.h"

namespace spate::testing_support {
namespace {

using drivers::Address;
using drivers::Destroy;

using Streams = std::unique_ptr<jsStreamInfoList, Destroy<jsStreamInfoList_Destroy>>;

void check(natsStatus status) {
  if (status != NATS_OK) {
    throw Error(fmt::format("nats: {}", nats_GetLastError(nullptr)));
  }
}

class Client {
 public:
  explicit Client(const Address& address) {
    natsConnection* connection = nullptr;
    check(natsConnection_ConnectTo(
        &connection,
        fmt::format("nats://{}:{}", address.first().host, address.first().port).c_str()));
    connection_.reset(connection);
    jsCtx* jetstream = nullptr;
    check(natsConnection_JetStream(&jetstream, connection, nullptr));
    jetstream_.reset(jetstream);
  }
  jsCtx* jetstream() { return jetstream_.get(); }
  Streams streams() {
    jsStreamInfoList* list = nullptr;
    const natsStatus status = js_Streams(&list, jetstream(), nullptr, nullptr);
    if (status != NATS_NOT_FOUND) {
      check(status);
    }
    return Streams(list);
  }

 private:
  std::unique_ptr<natsConnection, Destroy<natsConnection_Destroy>> connection_;
  std::unique_ptr<jsCtx, Destroy<jsCtx_Destroy>> jetstream_;
};

template <class Use>
void for_each_stream(const Address& address, const std::string& beginning, Use&& use) {
  const Streams list = Client(address).streams();
  for (int at = 0; list != nullptr && at < list->Count; ++at) {
    if (std::string_view(list->List[at]->Config->Name).starts_with(beginning)) {
      use(*list->List[at]);
    }
  }
}

void send(const Address& address, const std::string& run, std::span<const std::byte> bytes) {
  Client client(address);
  check(js_Publish(nullptr, client.jetstream(), fmt::format("spate.{}.0.normal", run).c_str(),
                   bytes.data(), static_cast<int>(bytes.size()), nullptr, nullptr));
}

std::vector<std::string> names(const Address& address, const std::string& beginning) {
  std::vector<std::string> found;
  for_each_stream(address, beginning,
                  [&](const jsStreamInfo& stream) { found.emplace_back(stream.Config->Name); });
  return found;
}

void make(const Address& address, const std::string& name) {
  Client client(address);
  const char* subject = name.c_str();
  jsStreamConfig config;
  jsStreamConfig_Init(&config);
  config.Name = name.c_str();
  config.Subjects = &subject;
  config.SubjectsLen = 1;
  check(js_AddStream(nullptr, client.jetstream(), &config, nullptr, nullptr));
}

}  // namespace

BrokerAccess nats_access() { return {"nats", send, names, make}; }

void nats_reach(const Address& address) { Client{address}; }

std::uint64_t nats_messages(const Address& address, const std::string& beginning) {
  std::uint64_t messages = 0;
  for_each_stream(address, beginning,
                  [&](const jsStreamInfo& stream) { messages += stream.State.Msgs; });
  return messages;
}

std::vector<std::string> nats_readers(const Address& address, const std::string& beginning) {
  Client client(address);
  std::vector<std::string> readers;
  for_each_stream(address, beginning, [&](const jsStreamInfo& stream) {
    jsConsumerNamesList* list = nullptr;
    const natsStatus status =
        js_ConsumerNames(&list, client.jetstream(), stream.Config->Name, nullptr, nullptr);
    if (status != NATS_NOT_FOUND) {
      check(status);
    }
    for (int at = 0; list != nullptr && at < list->Count; ++at) {
      readers.push_back(fmt::format("{}/{}", stream.Config->Name, list->List[at]));
    }
    jsConsumerNamesList_Destroy(list);
  });
  return readers;
}

void nats_remove(const Address& address, const std::string& beginning) {
  Client client(address);
  for_each_stream(address, beginning, [&](const jsStreamInfo& stream) {
    check(js_DeleteStream(client.jetstream(), stream.Config->Name, nullptr, nullptr));
  });
}

void nats_take_nothing(const Address& address, const std::string& beginning) {
  Client client(address);
  for_each_stream(address, beginning, [&](const jsStreamInfo& stream) {
    stream.Config->MaxMsgSize = 1;
    check(js_UpdateStream(nullptr, client.jetstream(), stream.Config, nullptr, nullptr));
  });
}

}  // namespace spate::testing_support
