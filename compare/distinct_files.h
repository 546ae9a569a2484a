// Paths that lead to one file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace spate::compare {

// Whether what is written to the one is then in the other, however the two are spelled and whether
// they are there yet. Devices are for everybody: /dev/null is not the same file as itself.
bool same_file(const std::string& one, const std::string& other);

// One process counted twice would make noise look like certainty. Throws Error, which names the
// flag.
void require_distinct(const std::vector<std::string>& files, std::string_view flag);

// What a report would replace cannot be read again. Throws Error where two outputs are one file,
// or an output is one of the inputs; empty paths are none.
void require_new_files(const std::vector<std::string>& outputs, std::vector<std::string> inputs);

}  // namespace spate::compare
