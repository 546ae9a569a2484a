// The one exception of this program: what was given, what was expected and what to do, in one line.
#pragma once

#include <stdexcept>

namespace spate::compare {

class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace spate::compare
