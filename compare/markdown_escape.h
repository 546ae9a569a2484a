// Text in Markdown, for text that nobody vouches for.
#pragma once

#include <string>
#include <string_view>

namespace spate::compare {

// Also in a table's cell, whose end a bar would be.
std::string escaped(std::string_view text);

// What comes from files is code, or GitHub would make links, people and pictures of it.
std::string code(std::string_view text);

}  // namespace spate::compare
