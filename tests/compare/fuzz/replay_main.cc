// Usage: <program> CORPUS
//
// Stands in for libFuzzer where there is none: every file of the folder, and every truncation of
// it.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  if (argc != 2) {
    (void)std::fprintf(stderr, "expected one argument, the folder of the corpus\n");
    return 2;
  }
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    // Before it is tried: the last name printed is the one that failed.
    std::printf("%s\n", entry.path().filename().c_str());
    (void)std::fflush(stdout);
    std::ifstream file(entry.path(), std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
      // In memory of its own, so that a sanitizer sees a byte read beyond the end.
      const std::vector<std::uint8_t> input(bytes.begin(),
                                            bytes.begin() + static_cast<std::ptrdiff_t>(size));
      (void)LLVMFuzzerTestOneInput(input.data(), input.size());
    }
    ++files;
  }
  return files == 0 ? 2 : 0;
}
