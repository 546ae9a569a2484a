// When something was measured.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace spate::compare {

// A date of Google Benchmark's ("2026-11-29T02:11:53+01:00", of old versions
// "2015/03/17-18:40:25"; without an offset it counts as UTC) as "2026-11-29T01:11:53Z", which is
// ordered as its text is. Nothing where it is none.
std::optional<std::string> utc_of(std::string_view date);

}  // namespace spate::compare
