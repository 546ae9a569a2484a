// The escapes of JSON's strings, and the bytes of UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace spate::compare {

// How many bytes the escape at the front of `text` takes, which starts with a backslash; 0 where
// JSON has no such escape. A surrogate without its other half is none.
std::size_t escape_length(std::string_view text);

// The string that `text` stands for. A backslash that starts no escape stands for itself.
std::string unescaped(std::string_view text);

// How many bytes the character at the front of `text` takes, which is not empty; 0 where it is no
// UTF-8.
std::size_t utf8_length(std::string_view text);

}  // namespace spate::compare
