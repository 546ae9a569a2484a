// What values a flag takes, by what its help calls them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace spate::compare {

// A form is written as people read it: `constant|poisson` is one of these words, `FILE` a file
// (and `DIR` or `PATH` too), any other word with a capital letter something that one has to know.
// A word that something follows is its beginning: `file:PATH`. `[…]` around it all: it may be left
// out; `=` before it: it stands behind that sign alone; `[,…]` behind it: several, with commas.
struct ValueForm {
  bool there = false;  // else the flag is a switch
  bool optional = false;
  bool attached = false;
  bool list = false;
  bool files = false;
  bool files_behind = false;       // of the words that end with a colon
  std::vector<std::string> words;  // one that ends with `:` or `=` is to be gone on with
};

ValueForm value_form(std::string_view text);

}  // namespace spate::compare
