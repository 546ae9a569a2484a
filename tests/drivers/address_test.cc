#include "spate/drivers/address.h"

#include <gtest/gtest.h>

#include <array>

#include "spate/error.h"
#include "support/expect_error.h"

namespace spate::drivers {
namespace {

using testing_support::expect_error;

constexpr std::array<std::string_view, 2> kSchemes{"mq", "mqs"};
constexpr std::array<std::string_view, 2> kSettings{"storage", "replicas"};
constexpr AddressForm kForm{.flag = "--mq",
                            .example = "mq://host[:77]",
                            .schemes = kSchemes,
                            .port = 77,
                            .several_hosts = true,
                            .paths = true,
                            .settings = kSettings};

TEST(Address, HasWhatTheUrlHas) {
  const Address address =
      parse_address(kForm, "mqs://ann:top%2Fsecret@one:1234,two/v%20h?storage=file&replicas=3");
  EXPECT_EQ(address.scheme, "mqs");
  EXPECT_EQ(address.user, "ann");
  EXPECT_EQ(address.password, "top/secret");
  ASSERT_EQ(address.endpoints.size(), 2U);
  EXPECT_EQ(address.endpoints[0].host, "one");
  EXPECT_EQ(address.endpoints[0].port, 1234);
  EXPECT_EQ(address.endpoints[1].host, "two");
  EXPECT_EQ(address.endpoints[1].port, 77);
  EXPECT_EQ(address.path, "v h");
  EXPECT_EQ(address.settings.at("storage"), "file");
  EXPECT_EQ(address.settings.at("replicas"), "3");
}

TEST(Address, NeedsNoMoreThanAHost) {
  const Address address = parse_address(kForm, "here");
  EXPECT_EQ(address.scheme, "mq");
  EXPECT_EQ(address.first().host, "here");
  EXPECT_EQ(address.first().port, 77);
  EXPECT_EQ(address.user + address.password + address.path, "");
}

TEST(Address, KnowsIpv6) {
  EXPECT_EQ(parse_address(kForm, "mq://[::1]:5").first().host, "::1");
  EXPECT_EQ(parse_address(kForm, "mq://[::1]:5").first().port, 5);
  EXPECT_EQ(parse_address(kForm, "mq://[::1]").first().port, 77);
  EXPECT_EQ(parse_address(kForm, "mq://[::1]").shown(), "mq://[::1]:77");
}

TEST(Address, IsShownWithoutThePassword) {
  const std::string shown =
      parse_address(kForm, "mq://a%40b:secret@one,two:9/v%2Fh?storage=x%26y").shown();
  EXPECT_EQ(shown, "mq://a%40b@one:77,two:9/v%2Fh?storage=x%26y");
  const Address again = parse_address(kForm, shown);
  EXPECT_EQ(again.user, "a@b");
  EXPECT_EQ(again.path, "v/h");
  EXPECT_EQ(again.settings.at("storage"), "x&y");
  EXPECT_EQ(parse_address(kForm, "mq://:secret@one").shown(), "mq://one:77");
}

TEST(Address, HasATokenWhereItsFormKnowsThem) {
  AddressForm form = kForm;
  form.tokens = true;
  const Address token = parse_address(form, "mq://se%2Fcret@one");
  EXPECT_EQ(token.user, "");
  EXPECT_EQ(token.password, "se/cret");
  EXPECT_EQ(token.shown(), "mq://one:77");
  const Address user = parse_address(form, "mq://ann:@one");
  EXPECT_EQ(user.user, "ann");
  EXPECT_EQ(user.password, "");
  EXPECT_EQ(parse_address(kForm, "mq://ann@one").user, "ann");
  expect_error([&] { parse_address(form, "mq://secret%4@one"); }, {"in the token"});
}

TEST(Address, SaysWhatIsWrongWithoutThePassword) {
  const auto wrong = [](std::string_view url, std::initializer_list<const char*> said) {
    SCOPED_TRACE(url);
    expect_error([&] { parse_address(kForm, url); }, said);
    try {
      parse_address(kForm, url);
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos) << error.what();
    }
  };
  wrong("http://ann:secret@here", {"--mq", "'http'", "mq, mqs", "mq://host[:77]"});
  wrong("", {"--mq", "no host"});
  wrong("mq://ann:secret@", {"no host"});
  wrong("mq://:5", {"host is empty"});
  wrong("mq://ann:secret@here:0", {"port '0'"});
  wrong("mq://ann:secret@here:65536", {"port '65536'", "65535"});
  wrong("mq://here:12x", {"the port is not a number"});
  wrong("mq://here:", {"the port is not a number"});
  wrong("mq://ann:secret", {"the port is not a number"});
  wrong("mq://ann:se/secret@here", {"an @ stands behind", "%2F"});
  wrong("mq://ann:se?secret@here", {"an @ stands behind", "%3F"});
  wrong("mq//ann:secret@here", {"an @ stands behind"});
  wrong("ann:secret://here", {"the scheme is not one of mq, mqs"});
  wrong("mq://here?storage=file&storage=memory", {"'storage'", "twice"});
  wrong("mq://ann:secret%4@here", {"%", "password", "hexadecimal"});
  wrong("mq://here?colour=red", {"'colour'", "storage, replicas"});
  wrong("mq://ann:12?secret", {"the setting is not one of storage, replicas"});
  wrong("mq://ann?secret", {"the setting is not one of storage, replicas"});
  wrong("mq://here?storage", {"'storage'", "no value"});
}

TEST(Address, HasOneHostWhereThereCanBeOne) {
  constexpr AddressForm kOne{.flag = "--mq", .example = "mq://host", .schemes = kSchemes};
  expect_error([&] { parse_address(kOne, "mq://a,b"); }, {"2 hosts", "there can be one"});
  expect_error([&] { parse_address(kOne, "mq://a?x=1"); }, {"'x'", "nor is any"});
  expect_error([&] { parse_address(kOne, "mq://a/x"); }, {"path", "means nothing"});
}

TEST(Setting, IsOneOfItsChoices) {
  constexpr std::array<std::string_view, 2> kChoices{"file", "memory"};
  EXPECT_EQ(choice(parse_address(kForm, "a"), "storage", kChoices), "file");
  EXPECT_EQ(choice(parse_address(kForm, "a?storage=memory"), "storage", kChoices), "memory");
  expect_error([&] { choice(parse_address(kForm, "a?storage=tape"), "storage", kChoices); },
               {"storage=tape", "file or memory"});
}

TEST(Setting, IsANumberInItsRange) {
  EXPECT_EQ(count(parse_address(kForm, "a"), "replicas", 2, 1, 5), 2);
  EXPECT_EQ(count(parse_address(kForm, "a?replicas=5"), "replicas", 2, 1, 5), 5);
  for (const char* const url : {"a?replicas=0", "a?replicas=6", "a?replicas=x", "a?replicas="}) {
    expect_error([&] { count(parse_address(kForm, url), "replicas", 2, 1, 5); },
                 {"replicas=", "from 1 to 5"});
  }
}

}  // namespace
}  // namespace spate::drivers
