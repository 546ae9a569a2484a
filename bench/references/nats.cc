// cnats alone.
#include <fmt/format.h>
#include <nats/nats.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <memory>
#include <thread>

#include "interrupt.h"
#include "references.h"
#include "spate/error.h"

namespace spate::bench {
namespace {

using drivers::Address;

template <auto kDestroy>
struct Destroy {
  template <class T>
  void operator()(T* object) const {
    kDestroy(object);
  }
};
using Options = std::unique_ptr<natsOptions, Destroy<natsOptions_Destroy>>;
using Subscription = std::unique_ptr<natsSubscription, Destroy<natsSubscription_Destroy>>;

constexpr const char* kReader = "reader";
constexpr std::int64_t kFetchNs = 500'000'000;

void check(natsStatus status) {
  if (status != NATS_OK) {
    throw Error(fmt::format("nats, reference: {}", nats_GetLastError(nullptr)));
  }
}

// Messages that came at once; they are acknowledged by the last of them.
class Batch {
 public:
  Batch() = default;
  ~Batch() { natsMsgList_Destroy(&list_); }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  // How many have come; no more than `most`.
  std::uint64_t fetch(natsSubscription& from, std::uint64_t most) {
    jsFetchRequest request;
    check(jsFetchRequest_Init(&request));
    request.Batch = static_cast<int>(most);
    request.Expires = kFetchNs;
    const natsStatus status = natsSubscription_FetchRequest(&list_, &from, &request);
    if (status != NATS_TIMEOUT) {
      check(status);
    }
    if (list_.Count > 0) {
      check(natsMsg_Ack(list_.Msgs[list_.Count - 1], nullptr));
    }
    return static_cast<std::uint64_t>(list_.Count);
  }

 private:
  natsMsgList list_{};
};

class Client {
 public:
  // So many messages may be unanswered; publishing waits when there are more.
  Client(const Address& address, std::size_t in_flight) {
    natsOptions* options = nullptr;
    check(natsOptions_Create(&options));
    const Options owned(options);
    check(natsOptions_SetURL(
        options, fmt::format("nats://{}:{}", address.first().host, address.first().port).c_str()));
    // Else another thread sends, up to a millisecond later: a third of the throughput.
    check(natsOptions_SetSendAsap(options, true));
    if (!address.password.empty()) {
      check(natsOptions_SetUserInfo(options, address.user.c_str(), address.password.c_str()));
    }
    natsConnection* connection = nullptr;
    check(natsConnection_Connect(&connection, options));
    connection_.reset(connection);
    jsOptions jetstream_options;
    check(jsOptions_Init(&jetstream_options));
    jetstream_options.PublishAsync.MaxPending = static_cast<std::int64_t>(in_flight);
    jetstream_options.PublishAsync.StallWait = 60'000;
    jsCtx* jetstream = nullptr;
    check(natsConnection_JetStream(&jetstream, connection, &jetstream_options));
    jetstream_.reset(jetstream);
  }

  // Stream and subject of one name, on which somebody is going to read, or nobody.
  void make_stream(const std::string& name, jsStorageType storage) {
    const char* subject = name.c_str();
    jsStreamConfig stream;
    jsStreamConfig_Init(&stream);
    stream.Name = name.c_str();
    stream.Subjects = &subject;
    stream.SubjectsLen = 1;
    stream.Retention = js_InterestPolicy;
    stream.Storage = storage;
    check(js_AddStream(nullptr, jetstream_.get(), &stream, nullptr, nullptr));
    jsConsumerConfig reader;
    jsConsumerConfig_Init(&reader);
    reader.Durable = kReader;
    reader.AckPolicy = js_AckAll;
    check(js_AddConsumer(nullptr, jetstream_.get(), name.c_str(), &reader, nullptr, nullptr));
  }
  void remove_stream(const std::string& name) {
    check(js_DeleteStream(jetstream_.get(), name.c_str(), nullptr, nullptr));
  }

  void publish(const std::string& name) {
    check(js_PublishAsync(jetstream_.get(), name.c_str(), body_.data(),
                          static_cast<int>(body_.size()), nullptr));
  }
  void await_answers() { check(js_PublishAsyncComplete(jetstream_.get(), nullptr)); }

  Subscription reader_of(const std::string& name) {
    jsSubOptions options;
    check(jsSubOptions_Init(&options));
    options.Stream = name.c_str();
    options.Consumer = kReader;
    natsSubscription* subscription = nullptr;
    check(js_PullSubscribe(&subscription, jetstream_.get(), name.c_str(), kReader, nullptr,
                           &options, nullptr));
    return Subscription(subscription);
  }

 private:
  std::string body_ = std::string(kReferenceBytes, 'x');
  std::unique_ptr<natsConnection, Destroy<natsConnection_Destroy>> connection_;
  std::unique_ptr<jsCtx, Destroy<jsCtx_Destroy>> jetstream_;
};

jsStorageType storage_of(const Address& address) {
  const auto storage = address.settings.find("storage");
  return storage != address.settings.end() && storage->second == "memory" ? js_MemoryStorage
                                                                          : js_FileStorage;
}

}  // namespace

void nats_publish(const Address& address, const std::string& name, Load& load) {
  Client client(address, kPublishInFlight);
  client.make_stream(name, storage_of(address));
  load.begin();
  for (std::uint64_t sent = 0; sent < load.messages() && !interrupted(); ++sent) {
    client.publish(name);
  }
  client.await_answers();
  load.end();
  client.remove_stream(name);
}

// Two threads, since fetching waits.
void nats_deliver(const Address& address, const std::string& name, Load& load) {
  Client sender(address, kDeliverInFlight);
  sender.make_stream(name, storage_of(address));
  Client receiver(address, kDeliverInFlight);
  const Subscription reader = receiver.reader_of(name);
  std::atomic<std::uint64_t> received{0};
  load.begin();
  std::future<void> sending = std::async(std::launch::async, [&] {
    for (std::uint64_t sent = 0; sent < load.messages() && !interrupted();) {
      if (sent < load.allowed(received)) {
        sender.publish(name);
        ++sent;
      } else {
        std::this_thread::yield();
      }
    }
  });
  try {
    while (received < load.messages() && !interrupted()) {
      // It waits for as many as it asks for.
      received += Batch().fetch(
          *reader,
          std::clamp<std::uint64_t>(load.allowed(received) - received, 1, 2 * kReferenceBatch));
      load.come(received);
    }
  } catch (...) {
    received = load.messages();  // the sender need not wait
    throw;
  }
  sending.get();
  sender.await_answers();
  load.end();
  sender.remove_stream(name);
}

}  // namespace spate::bench
