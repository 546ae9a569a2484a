// What a page is made of beside its data: files of this folder and Chart.js, embedded when the
// program is built.
#pragma once

#include <string_view>

namespace spate::compare::html {

struct Asset {
  std::string_view text;
  std::string_view sha256;  // of the text, hexadecimal
};

struct Assets {
  Asset script;
  Asset style;
  Asset chart_js;                  // empty where the program was built without it
  std::string_view chart_license;  // its terms, which have to come along; empty as well
};
const Assets& assets();

}  // namespace spate::compare::html
