#include "spate/drivers/address.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "spate/error.h"

namespace spate::drivers {
namespace {

// Only such parts of a URL are named in errors as can be no password, nor a piece of one that was
// not written as it has to be.
class Parser {
 public:
  Parser(const AddressForm& form, std::string_view url) : form_(form), rest_(url) {}

  Address parse() {
    Address address;
    address.scheme = scheme();
    if (rest_.substr(std::min(rest_.find_first_of("/?"), rest_.size())).find('@') !=
        std::string_view::npos) {
      fail("an @ stands behind a / or a ?, which in user and password are %2F and %3F");
    }
    const std::string_view settings = cut_behind("?");
    const std::string_view path = cut_behind("/");
    if (!path.empty() && !form_.paths) {
      fail("a path is given, which means nothing here");
    }
    address.path = decoded(path, "path");
    credentials(address);
    endpoints(address);
    for_each_part(settings, '&', [&](std::string_view part) { setting(part, address); });
    return address;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(fmt::format("{}: {}; give {}", form_.flag, what, form_.example));
  }

  std::string scheme() {
    const std::size_t end = rest_.find("://");
    if (end == std::string_view::npos) {
      return std::string(form_.schemes.front());
    }
    const std::string_view given = rest_.substr(0, end);
    if (std::find(form_.schemes.begin(), form_.schemes.end(), given) == form_.schemes.end()) {
      const bool is_one = given.find_first_of(":@/?") == std::string_view::npos;
      fail(fmt::format("the scheme{} is not one of {}", is_one ? fmt::format(" '{}'", given) : "",
                       fmt::join(form_.schemes.begin(), form_.schemes.end(), ", ")));
    }
    rest_.remove_prefix(end + 3);
    return std::string(given);
  }

  // What stands behind the first `mark`, which goes with it. A slash in a password is %2F.
  std::string_view cut_behind(std::string_view mark) {
    const std::size_t at = rest_.find(mark);
    if (at == std::string_view::npos) {
      return {};
    }
    const std::string_view behind = rest_.substr(at + mark.size());
    rest_ = rest_.substr(0, at);
    return behind;
  }

  void credentials(Address& address) {
    const std::size_t at = rest_.rfind('@');
    if (at == std::string_view::npos) {
      return;
    }
    has_credentials_ = true;
    const std::string_view before = rest_.substr(0, at);
    rest_.remove_prefix(at + 1);
    const std::size_t colon = before.find(':');
    if (colon == std::string_view::npos && form_.tokens) {
      address.password = decoded(before, "token");
      return;
    }
    address.user = decoded(before.substr(0, colon), "user");
    if (colon != std::string_view::npos) {
      address.password = decoded(before.substr(colon + 1), "password");
    }
  }

  void endpoints(Address& address) {
    for_each_part(rest_, ',',
                  [&](std::string_view part) { address.endpoints.push_back(endpoint(part)); });
    if (address.endpoints.empty()) {
      fail("no host is given");
    }
    if (address.endpoints.size() > 1 && !form_.several_hosts) {
      fail(fmt::format("{} hosts are given, where there can be one", address.endpoints.size()));
    }
  }

  Endpoint endpoint(std::string_view part) {
    Endpoint endpoint{.host = {}, .port = form_.port};
    std::string_view port;
    const std::size_t bracket = part.starts_with('[') ? part.find(']') : std::string_view::npos;
    const std::size_t colon =
        bracket == std::string_view::npos ? part.rfind(':') : part.find(':', bracket);
    if (colon != std::string_view::npos) {
      port = part.substr(colon + 1);
      endpoint.port = parsed_port(port);
    }
    endpoint.host =
        bracket == std::string_view::npos ? part.substr(0, colon) : part.substr(1, bracket - 1);
    if (endpoint.host.empty()) {
      fail("a host is empty");
    }
    return endpoint;
  }

  std::uint16_t parsed_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || port == 0) {
      // Without an @ it may be the password of somebody who forgot the host.
      fail(fmt::format("the port{} is not a number from 1 to 65535",
                       has_credentials_ ? fmt::format(" '{}'", text) : ""));
    }
    return port;
  }

  void setting(std::string_view part, Address& address) {
    const std::size_t equals = part.find('=');
    const std::string_view name = part.substr(0, equals);
    if (std::find(form_.settings.begin(), form_.settings.end(), name) == form_.settings.end()) {
      const bool is_setting = has_credentials_ || equals != std::string_view::npos;
      const std::string told = is_setting ? fmt::format(" '{}'", name) : "";
      fail(form_.settings.empty()
               ? fmt::format("the setting{} is not known, nor is any", told)
               : fmt::format("the setting{} is not one of {}", told,
                             fmt::join(form_.settings.begin(), form_.settings.end(), ", ")));
    }
    if (equals == std::string_view::npos) {
      fail(fmt::format("the setting '{}' has no value", name));
    }
    if (!address.settings.emplace(name, decoded(part.substr(equals + 1), name)).second) {
      fail(fmt::format("the setting '{}' is given twice", name));
    }
  }

  std::string decoded(std::string_view text, std::string_view what) const {
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (text[at] != '%') {
        plain += text[at];
        continue;
      }
      unsigned code = 0;
      const char* const digits = text.data() + at + 1;
      const std::size_t left = text.size() - at - 1;
      if (left < 2 || std::from_chars(digits, digits + 2, code, 16).ptr != digits + 2) {
        fail(fmt::format("a % in the {} is not followed by two hexadecimal digits", what));
      }
      plain += static_cast<char>(code);
      at += 2;
    }
    return plain;
  }

  template <class F>
  static void for_each_part(std::string_view text, char separator, F&& use) {
    while (!text.empty()) {
      const std::size_t end = text.find(separator);
      use(text.substr(0, end));
      text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
  }

  const AddressForm& form_;
  std::string_view rest_;
  bool has_credentials_ = false;
};

// What could be taken for a mark of the URL itself becomes %XX.
std::string encoded(std::string_view text) {
  std::string url;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    url += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return url;
}

}  // namespace

std::string Endpoint::text() const {
  const bool six = host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", six ? "[" : "", host, six ? "]" : "", port);
}

std::string Address::shown() const {
  std::string text = fmt::format("{}://{}{}", scheme, encoded(user), user.empty() ? "" : "@");
  for (const Endpoint& endpoint : endpoints) {
    text += fmt::format("{}{}", &endpoint == endpoints.data() ? "" : ",", endpoint.text());
  }
  text += fmt::format("{}{}", path.empty() ? "" : "/", encoded(path));
  char mark = '?';
  for (const auto& [name, value] : settings) {
    text += fmt::format("{}{}={}", std::exchange(mark, '&'), name, encoded(value));
  }
  return text;
}

Address parse_address(const AddressForm& form, std::string_view url) {
  return Parser(form, url).parse();
}

std::string choice(const Address& address, std::string_view setting,
                   std::span<const std::string_view> allowed) {
  const auto found = address.settings.find(setting);
  if (found == address.settings.end()) {
    return std::string(allowed.front());
  }
  if (std::find(allowed.begin(), allowed.end(), found->second) == allowed.end()) {
    throw Error(fmt::format("{}: {}={}: use {}", address.scheme, setting, found->second,
                            fmt::join(allowed.begin(), allowed.end(), " or ")));
  }
  return found->second;
}

std::int64_t count(const Address& address, std::string_view setting, std::int64_t otherwise,
                   std::int64_t least, std::int64_t most) {
  const auto found = address.settings.find(setting);
  if (found == address.settings.end()) {
    return otherwise;
  }
  const std::string& text = found->second;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most) {
    throw Error(fmt::format("{}: {}={}: give a whole number from {} to {}", address.scheme, setting,
                            text, least, most));
  }
  return value;
}

}  // namespace spate::drivers
