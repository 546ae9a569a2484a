// Certificates for servers of the tests' own, by the program openssl.
#pragma once

#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <string_view>

namespace spate::testing_support {

inline bool openssl(const std::string& words) {
  return std::system(fmt::format("openssl {} >/dev/null 2>&1", words).c_str()) == 0;
}
inline bool has_openssl() { return openssl("version"); }

// NAME.key, and NAME.pem for that host ("IP:127.0.0.1"), which it signs itself. False when there
// are none.
inline bool make_certificate(const std::string& folder, std::string_view name,
                             std::string_view host) {
  return openssl(
      fmt::format("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
                  "-days 2 -subj /CN=test -addext subjectAltName={2} "
                  "-keyout {0}/{1}.key -out {0}/{1}.pem",
                  folder, name, host));
}

}  // namespace spate::testing_support
