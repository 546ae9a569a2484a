// Whole files as text.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace spate::compare {

// The text of a file.
class FileText {
 public:
  // Throws Error when it cannot be opened or read, or is larger than any file that we have to do
  // with.
  explicit FileText(const std::string& path);
  FileText(const FileText&) = delete;
  FileText& operator=(const FileText&) = delete;

  std::string_view view() const { return {memory_.get(), size_}; }

 private:
  struct Free {
    void operator()(char* memory) const;
  };

  void grow(std::size_t capacity);

  std::unique_ptr<char, Free> memory_;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
};

// The file has all of `text` or stays as it was: it is written beside it and renamed. Throws Error.
void write_file(const std::string& path, const std::string& text);

}  // namespace spate::compare
