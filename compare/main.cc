#include <iostream>
#include <string>
#include <vector>

#include "compare/program.h"
#include "compare/terminal/readers.h"

int main(int argc, char** argv) {
  spate::compare::let_readers_go();
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  return static_cast<int>(spate::compare::run(arguments, std::cout, std::cerr));
}
