#include "redis_access.h"

#include <fmt/format.h>
#include <hiredis/hiredis.h>

#include <memory>

#include "spate/error.h"

namespace spate::testing_support {
namespace {

using drivers::Address;

struct Free {
  void operator()(redisContext* context) const { redisFree(context); }
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};

std::unique_ptr<redisReply, Free> reply_to(const Address& address,
                                           const std::vector<std::string>& words) {
  const std::unique_ptr<redisContext, Free> context(
      redisConnect(address.first().host.c_str(), address.first().port));
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const std::string& word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  std::unique_ptr<redisReply, Free> reply(static_cast<redisReply*>(
      redisCommandArgv(context.get(), static_cast<int>(words.size()), texts.data(), sizes.data())));
  if (reply == nullptr || reply->type == REDIS_REPLY_ERROR) {
    throw Error(fmt::format("redis, {}: {}", words[0], reply ? reply->str : context->errstr));
  }
  return reply;
}

void send(const Address& address, const std::string& run, std::span<const std::byte> bytes) {
  reply_to(address, {"XADD", run + ":0:normal", "*", "m",
                     std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size())});
}

std::vector<std::string> names(const Address& address, const std::string& beginning) {
  const auto reply = reply_to(address, {"KEYS", beginning + "*"});
  std::vector<std::string> found;
  for (std::size_t at = 0; at < reply->elements; ++at) {
    found.emplace_back(reply->element[at]->str);
  }
  return found;
}

void make(const Address& address, const std::string& name) {
  reply_to(address, {"XADD", name, "*", "m", "not yours"});
}

std::string text_of(const redisReply& reply) {
  if (reply.type == REDIS_REPLY_INTEGER) {
    return fmt::to_string(reply.integer);
  }
  std::string text = reply.str == nullptr ? "" : reply.str;
  for (std::size_t at = 0; at < reply.elements; ++at) {
    text += fmt::format("{}{}", at == 0 ? "" : " ", text_of(*reply.element[at]));
  }
  return text;
}

}  // namespace

BrokerAccess redis_access() { return {"redis", send, names, make}; }

std::string redis_command(const Address& address, const std::vector<std::string>& words) {
  return text_of(*reply_to(address, words));
}

}  // namespace spate::testing_support
