// hiredis alone.
#include <fcntl.h>
#include <fmt/format.h>
#include <hiredis/hiredis.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "interrupt.h"
#include "references.h"
#include "spate/error.h"

namespace spate::bench {
namespace {

using drivers::Address;

struct Free {
  void operator()(redisContext* context) const { redisFree(context); }
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, Free>;

class Client {
 public:
  explicit Client(const Address& address)
      : context_(redisConnect(address.first().host.c_str(), address.first().port)) {
    check(context_ != nullptr && context_->err == 0);
    if (!address.password.empty()) {
      const std::string user = address.user.empty() ? "default" : address.user;
      run({"AUTH", user, address.password});
    }
    if (!address.path.empty()) {
      run({"SELECT", address.path});
    }
  }

  void run(const std::vector<std::string>& words) {
    const std::string text = formatted(words);
    redisAppendFormattedCommand(context_.get(), text.data(), text.size());
    void* raw = nullptr;
    check(redisGetReply(context_.get(), &raw) == REDIS_OK);
    const Reply reply(static_cast<redisReply*>(raw));
    check(reply->type != REDIS_REPLY_ERROR);
  }
  void stop_blocking() {
    fcntl(context_->fd, F_SETFL, fcntl(context_->fd, F_GETFL) | O_NONBLOCK);
    context_->flags &= ~REDIS_BLOCK;
  }

  void append(const std::string& command) {
    redisAppendFormattedCommand(context_.get(), command.data(), command.size());
  }
  void write() {
    int done = 0;
    check(redisBufferWrite(context_.get(), &done) == REDIS_OK);
  }
  void read() { check(redisBufferRead(context_.get()) == REDIS_OK); }
  Reply next() {
    void* raw = nullptr;
    check(redisGetReplyFromReader(context_.get(), &raw) == REDIS_OK);
    return Reply(static_cast<redisReply*>(raw));
  }

  static std::string formatted(const std::vector<std::string>& words) {
    std::string text = fmt::format("*{}\r\n", words.size());
    for (const std::string& word : words) {
      text += fmt::format("${}\r\n{}\r\n", word.size(), word);
    }
    return text;
  }

 private:
  void check(bool fine) const {
    if (!fine) {
      throw Error(fmt::format("redis, reference: {}",
                              context_ == nullptr ? "no memory" : context_->errstr));
    }
  }

  std::unique_ptr<redisContext, Free> context_;
};

std::string xadd(const std::string& name) {
  return Client::formatted({"XADD", name, "*", "m", std::string(kReferenceBytes, 'x')});
}

// How many answers have come.
std::uint64_t count_replies(Client& client) {
  std::uint64_t count = 0;
  while (client.next() != nullptr) {
    ++count;
  }
  return count;
}

// One consumer, which acknowledges each batch with the request for the next one.
class Receiver {
 public:
  Receiver(const Address& address, const std::string& name)
      : client_(address),
        request_(Client::formatted({"XREADGROUP", "GROUP", name, "one", "COUNT",
                                    fmt::to_string(2 * kReferenceBatch), "BLOCK", "500", "STREAMS",
                                    name, ">"})),
        name_(name) {
    client_.stop_blocking();
  }

  // How many messages have come.
  std::uint64_t receive() {
    if (!requested_) {
      client_.append(request_);
      requested_ = true;
    }
    client_.write();
    client_.read();
    std::uint64_t count = 0;
    while (const Reply reply = client_.next()) {
      if (acks_ > 0) {
        --acks_;
        continue;
      }
      requested_ = false;
      count += reply->type == REDIS_REPLY_ARRAY ? acknowledge(*reply->element[0]->element[1]) : 0;
    }
    return count;
  }

 private:
  std::uint64_t acknowledge(const redisReply& entries) {
    words_ = {"XACK", name_, name_};
    for (std::size_t at = 0; at < entries.elements; ++at) {
      const redisReply& id = *entries.element[at]->element[0];
      words_.emplace_back(id.str, id.len);
    }
    client_.append(Client::formatted(words_));
    client_.append(Client::formatted({"XTRIM", name_, "MINID", "~", words_.back()}));
    acks_ += 2;
    return entries.elements;
  }

  Client client_;
  std::string request_;
  std::string name_;
  std::vector<std::string> words_;
  std::size_t acks_ = 0;
  bool requested_ = false;
};

}  // namespace

void redis_publish(const Address& address, const std::string& name, Load& load) {
  Client client(address);
  client.stop_blocking();
  const std::string command = xadd(name);
  std::uint64_t sent = 0;
  std::uint64_t acked = 0;
  load.begin();
  while (acked < load.messages() && !interrupted()) {
    const std::uint64_t before = sent + acked;
    for (const std::uint64_t allowed = load.allowed(acked); sent < allowed; ++sent) {
      client.append(command);
    }
    client.write();
    client.read();
    acked += count_replies(client);
    give_way(sent + acked == before);
  }
  load.end();
  Client(address).run({"UNLINK", name});
}

void redis_deliver(const Address& address, const std::string& name, Load& load) {
  Client client(address);
  client.run({"XGROUP", "CREATE", name, name, "0", "MKSTREAM"});
  client.stop_blocking();
  Receiver receiver(address, name);
  const std::string command = xadd(name);
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  load.begin();
  while (received < load.messages() && !interrupted()) {
    const std::uint64_t before = sent + received;
    const std::uint64_t end = std::min(load.allowed(received), sent + kReferenceBatch);
    for (; sent < end; ++sent) {
      client.append(command);
    }
    client.write();
    client.read();
    count_replies(client);
    received += receiver.receive();
    load.come(received);
    give_way(sent + received == before);
  }
  load.end();
  Client(address).run({"UNLINK", name});
}

}  // namespace spate::bench
