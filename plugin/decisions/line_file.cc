#include "plugin/decisions/line_file.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace portcullis {
namespace {

constexpr std::size_t kChunk = 1024UL * 1024;

}  // namespace

Result<LineFile> LineFile::open(const std::string& path) {
  const bool input = path == "-";
  const int descriptor = input ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const std::string shown = input ? "standard input" : path;
  if (descriptor < 0) return Error{Reason::io_failed, shown + ": " + std::strerror(errno)};
  struct stat status {};
  const bool file = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
  return LineFile(descriptor, file ? static_cast<std::uint64_t>(status.st_size) : 0, shown);
}

LineFile::LineFile(int descriptor, std::uint64_t size, std::string path) : descriptor_(descriptor), size_(size), path_(std::move(path)) {}

LineFile::LineFile(LineFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_),
      path_(std::move(other.path_)),
      buffer_(std::move(other.buffer_)),
      begin_(other.begin_),
      scanned_(other.scanned_),
      read_bytes_(other.read_bytes_),
      ended_(other.ended_),
      overlong_(other.overlong_),
      fault_(std::move(other.fault_)) {}

LineFile::~LineFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool LineFile::next(Line& line) {
  for (;;) {
    const std::size_t end = buffer_.find('\n', scanned_);
    if (end != std::string::npos) {
      line = {std::string_view(buffer_).substr(begin_, end - begin_), !std::exchange(overlong_, false) && end - begin_ <= kLongestLine};
      begin_ = scanned_ = end + 1;
      return true;
    }
    scanned_ = buffer_.size();
    if (scanned_ - begin_ > kLongestLine) {
      begin_ = scanned_;
      overlong_ = true;
    }
    if (fill()) continue;
    if (begin_ == buffer_.size() && !overlong_) return false;
    line = {std::string_view(buffer_).substr(begin_), false};
    begin_ = scanned_ = buffer_.size();
    overlong_ = false;
    return true;
  }
}

/// Reads on behind what is left. False at the end.
bool LineFile::fill() {
  if (ended_) return false;
  buffer_.erase(0, begin_);
  scanned_ -= begin_;
  begin_ = 0;
  const std::size_t kept = buffer_.size();
  buffer_.resize(kept + kChunk);
  ssize_t got = -1;
  do {
    got = ::read(descriptor_, buffer_.data() + kept, kChunk);
  } while (got < 0 && errno == EINTR);
  if (got < 0) fault_ = path_ + ": " + std::strerror(errno);
  ended_ = got <= 0;
  buffer_.resize(kept + static_cast<std::size_t>(ended_ ? 0 : got));
  read_bytes_ += static_cast<std::uint64_t>(ended_ ? 0 : got);
  return !ended_;
}

}  // namespace portcullis
