// A text read line by line, however large: a file, or standard input.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace portcullis {

/// Owns a descriptor, and a buffer of a mebibyte at first.
class LineFile {
 public:
  /// A longer line is read over, in bounded memory.
  static constexpr std::size_t kLongestLine = 256UL * 1024;

  /// `path`, or standard input where it is `-`. `Reason::io_failed`, naming path and cause.
  static Result<LineFile> open(const std::string& path);
  LineFile(LineFile&& other) noexcept;
  LineFile& operator=(LineFile&&) = delete;
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;
  ~LineFile();

  struct Line {
    std::string_view text;  ///< without its end; lives until the next call
    bool whole = true;      ///< there was an end, and the line was not too long
  };
  /// The next line. False: there is none, or reading failed, which `fault` tells.
  bool next(Line& line);
  [[nodiscard]] const std::string& fault() const noexcept { return fault_; }
  /// Bytes read so far, and in all: 0 where that is not known.
  [[nodiscard]] std::uint64_t read_bytes() const noexcept { return read_bytes_; }
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

 private:
  LineFile(int descriptor, std::uint64_t size, std::string path);
  bool fill();

  int descriptor_;
  std::uint64_t size_;
  std::string path_;
  std::string buffer_;
  std::size_t begin_ = 0;    ///< of the next line in `buffer_`
  std::size_t scanned_ = 0;  ///< up to here no line end was found
  std::uint64_t read_bytes_ = 0;
  bool ended_ = false;
  bool overlong_ = false;  ///< in the middle of a line whose beginning was thrown away
  std::string fault_;
};

}  // namespace portcullis
