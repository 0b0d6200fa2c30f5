#include "plugin/cli/secret_input.h"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "plugin/cli/argument_mask.h"

namespace portcullis {
namespace {

Error not_readable(const std::string& pipe, int code) { return {Reason::io_failed, pipe + ": " + std::generic_category().message(code)}; }

Result<std::string> read_pipe(const std::string& path, std::size_t limit) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return not_readable(path, errno);
  std::string bytes;
  Result<std::string> read = std::string();
  char buffer[4096];
  for (;;) {
    const ssize_t got = ::read(descriptor, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) read = not_readable(path, errno);
    if (got > 0) bytes.append(buffer, static_cast<std::size_t>(got));
    if (bytes.size() > limit) read = Error{Reason::io_failed, path + ": larger than " + std::to_string(limit) + " bytes"};
    if (got <= 0 || !read.ok()) break;
  }
  ::close(descriptor);
  return read.ok() ? Result<std::string>(std::move(bytes)) : read;
}

}  // namespace

Result<std::string> read_secret_input(const CommandContext& context, std::string_view option, const std::string& source,
                                      std::size_t limit) {
  if (source == "-") return context.read_input(limit);
  std::error_code none;
  if (std::filesystem::is_fifo(source, none)) return read_pipe(source, limit);
  Result<std::string> text = context.files.read(source, limit);
  if (text.ok() || !looks_like_secret(source)) return text;
  return Error{Reason::io_failed,
               std::string(option) + " takes a file, or - for standard input; " + masked(source) +
                   " cannot be read as one, and what was typed here stands in the list of processes and in the shell's history"};
}

}  // namespace portcullis
