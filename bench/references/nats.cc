// cnats alone.
#include <fmt/format.h>
#include <nats/nats.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "interrupt.h"
#include "references.h"
#include "spate/drivers/destroy.h"
#include "spate/error.h"

namespace spate::bench {
namespace {

using drivers::Address;
using drivers::Destroy;

using Options = std::unique_ptr<natsOptions, Destroy<natsOptions_Destroy>>;
using Subscription = std::unique_ptr<natsSubscription, Destroy<natsSubscription_Destroy>>;

constexpr const char* kReader = "reader";
constexpr std::int64_t kFetchNs = 500'000'000;
constexpr std::int64_t kPatienceMs = 60'000;

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
    set_servers(address, *options);
    // A connection that is lost ends the loop.
    check(natsOptions_SetAllowReconnect(options, false));
    // Else another thread sends, up to a millisecond later: a third of the throughput.
    check(natsOptions_SetSendAsap(options, true));
    if (!address.user.empty()) {
      check(natsOptions_SetUserInfo(options, address.user.c_str(), address.password.c_str()));
    } else if (!address.password.empty()) {
      check(natsOptions_SetToken(options, address.password.c_str()));
    }
    natsConnection* connection = nullptr;
    check(natsConnection_Connect(&connection, options));
    connection_.reset(connection);
    jsOptions jetstream_options;
    check(jsOptions_Init(&jetstream_options));
    jetstream_options.PublishAsync.MaxPending = static_cast<std::int64_t>(in_flight);
    jetstream_options.PublishAsync.StallWait = kPatienceMs;
    jsCtx* jetstream = nullptr;
    check(natsConnection_JetStream(&jetstream, connection, &jetstream_options));
    jetstream_.reset(jetstream);
  }
  // Removes the stream that it made.
  ~Client() {
    if (!made_.empty()) {
      js_DeleteStream(jetstream_.get(), made_.c_str(), nullptr, nullptr);
    }
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

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
    made_ = name;
    jsConsumerConfig reader;
    jsConsumerConfig_Init(&reader);
    reader.Durable = kReader;
    reader.AckPolicy = js_AckAll;
    check(js_AddConsumer(nullptr, jetstream_.get(), name.c_str(), &reader, nullptr, nullptr));
  }

  void publish(const std::string& name) {
    check(js_PublishAsync(jetstream_.get(), name.c_str(), body_.data(),
                          static_cast<int>(body_.size()), nullptr));
  }
  void await_answers() {
    jsPubOptions options;
    check(jsPubOptions_Init(&options));
    options.MaxWait = kPatienceMs;
    check(js_PublishAsyncComplete(jetstream_.get(), &options));
  }
  // Throws where the stream has not taken so many, all of which were answered. To say so of each,
  // the library would have to parse every answer, which is more than the bound needs.
  void check_taken(const std::string& name, std::uint64_t messages) {
    jsStreamInfo* info = nullptr;
    check(js_GetStreamInfo(&info, jetstream_.get(), name.c_str(), nullptr, nullptr));
    const std::uint64_t taken = info->State.LastSeq;
    jsStreamInfo_Destroy(info);
    if (taken < messages) {
      throw Error(
          fmt::format("nats, reference: the stream refused {} of {} messages; look at its limits",
                      messages - taken, messages));
    }
  }

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
  static void set_servers(const Address& address, natsOptions& options) {
    std::vector<std::string> urls;
    std::vector<const char*> texts;
    for (const drivers::Endpoint& server : address.endpoints) {
      urls.push_back(fmt::format("nats://{}", server.text()));
    }
    texts.reserve(urls.size());
    for (const std::string& url : urls) {
      texts.push_back(url.c_str());
    }
    check(natsOptions_SetServers(&options, texts.data(), static_cast<int>(texts.size())));
    check(natsOptions_SetNoRandomize(&options, true));
  }

  std::string made_;
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
  std::uint64_t sent = 0;
  for (; sent < load.messages() && !interrupted(); ++sent) {
    client.publish(name);
  }
  client.await_answers();
  load.end();
  client.check_taken(name, sent);
}

// Two threads, since fetching waits.
void nats_deliver(const Address& address, const std::string& name, Load& load) {
  Client sender(address, kDeliverInFlight);
  sender.make_stream(name, storage_of(address));
  Client receiver(address, kDeliverInFlight);
  const Subscription reader = receiver.reader_of(name);
  std::atomic<std::uint64_t> sent{0};
  std::atomic<std::uint64_t> received{0};
  std::atomic<bool> ends{false};  // one of the two has failed
  load.begin();
  std::future<void> sending = std::async(std::launch::async, [&] {
    try {
      while (sent < load.messages() && !interrupted() && !ends) {
        if (sent < load.allowed(received)) {
          sender.publish(name);
          ++sent;
        } else {
          std::this_thread::yield();
        }
      }
    } catch (...) {
      ends = true;
      throw;
    }
  });
  try {
    while (received < load.messages() && !interrupted() && !ends) {
      // It waits for as many as it asks for.
      const std::uint64_t come = Batch().fetch(
          *reader,
          std::clamp<std::uint64_t>(load.allowed(received) - received, 1, 2 * kReferenceBatch));
      received += come;
      load.come(received);
      if (come == 0) {
        const std::uint64_t answered = sent;
        sender.await_answers();
        sender.check_taken(name, answered);
      }
    }
  } catch (...) {
    ends = true;
    throw;
  }
  sending.get();
  sender.await_answers();
  load.end();
}

}  // namespace spate::bench
