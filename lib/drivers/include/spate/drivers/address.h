// Where a broker is, as a URL says it.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace spate::drivers {

struct Endpoint {
  std::string host;
  std::uint16_t port = 0;

  // host:port, as a URL has it: an IPv6 host in brackets.
  std::string text() const;
};

// scheme://[user[:password]@]host[:port][,host[:port]…][/path][?name=value[&name=value…]]
//
// User, password and path may have %XX in them, as RFC 3986 has it; an IPv6 host stands in
// brackets. A URL without a scheme has the first that is allowed. Where the form knows tokens, what
// stands alone before the @ is one, which is a password without a user; a user without a password
// is user:@host.
struct Address {
  std::string scheme;
  std::string user;
  std::string password;
  std::vector<Endpoint> endpoints;  // at least one
  std::string path;                 // without the slash before it
  std::map<std::string, std::string, std::less<>> settings;

  const Endpoint& first() const { return endpoints.front(); }
  // The URL without the password: for people, and for result files.
  std::string shown() const;
};

// What a driver understands of URLs.
struct AddressForm {
  std::string_view flag;                      // for the line of an error: "--redis"
  std::string_view example;                   // "redis://[user:password@]host[:6379][/database]"
  std::span<const std::string_view> schemes;  // the first is the default
  std::uint16_t port = 0;                     // where none is given
  bool several_hosts = false;                 // whether more than one may be given
  bool paths = false;                         // whether a path means something
  bool tokens = false;                        // whether what is alone before the @ is a token
  // Names that may stand behind the question mark.
  std::span<const std::string_view> settings = {};
};

// Throws Error with one line, in which a password does not stand.
Address parse_address(const AddressForm& form, std::string_view url);

// The value of a setting that is one of `allowed`; the first of them where it is not given. Throws
// Error.
std::string choice(const Address& address, std::string_view setting,
                   std::span<const std::string_view> allowed);
// The value of a setting that is a whole number. Throws Error.
std::int64_t count(const Address& address, std::string_view setting, std::int64_t otherwise,
                   std::int64_t least, std::int64_t most);

}  // namespace spate::drivers
