// Seam for files: whole small files, read with a bound and written so that a reader never sees half of one.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace portcullis {

/// Safe from many threads.
class Files {
 public:
  virtual ~Files() = default;
  /// All bytes of `path`. `Reason::io_failed`, naming path and cause, if it is no regular file, cannot be read, or holds more than
  /// `limit` bytes.
  [[nodiscard]] virtual Result<std::string> read(const std::string& path, std::size_t limit) const = 0;
  /// Replaces `path` by rename with a file of mode `mode` (octal, say 0600) that holds `bytes`; a link to a file is replaced itself.
  /// `Reason::io_failed`, also where a device, a pipe or a folder would be replaced, or a link to one.
  [[nodiscard]] virtual Result<void> write(const std::string& path, std::string_view bytes, unsigned mode) = 0;
  /// Makes `path` with mode `mode` and writes `bytes` to it. `Reason::io_failed` if anything stands there already, a dangling link
  /// included: a private key that was overwritten cannot be had back. A file that could not be written whole is removed.
  [[nodiscard]] virtual Result<void> create(const std::string& path, std::string_view bytes, unsigned mode) = 0;
  /// Puts `bytes` into the regular file that `path` is or leads to, by rename, with the mode of that file, and its owner and group as far
  /// as we may give them away; links to it stay. A file that is not there is made, as by `write`. `Reason::io_failed`, and then nothing
  /// has changed.
  [[nodiscard]] virtual Result<void> rewrite(const std::string& path, std::string_view bytes, unsigned mode) = 0;
  /// Makes `path`, a file or a link to one, absent, if that can be done.
  virtual void remove(const std::string& path) = 0;
  /// Whether `path` is a regular file, no link, with `mode` and no other permission bit.
  [[nodiscard]] virtual bool has_mode(const std::string& path, unsigned mode) const = 0;
};

class SystemFiles final : public Files {
 public:
  [[nodiscard]] Result<std::string> read(const std::string& path, std::size_t limit) const override;
  [[nodiscard]] Result<void> write(const std::string& path, std::string_view bytes, unsigned mode) override;
  [[nodiscard]] Result<void> create(const std::string& path, std::string_view bytes, unsigned mode) override;
  [[nodiscard]] Result<void> rewrite(const std::string& path, std::string_view bytes, unsigned mode) override;
  void remove(const std::string& path) override;
  [[nodiscard]] bool has_mode(const std::string& path, unsigned mode) const override;
};

/// Files in memory, for tests.
class FakeFiles final : public Files {
 public:
  [[nodiscard]] Result<std::string> read(const std::string& path, std::size_t limit) const override;
  [[nodiscard]] Result<void> write(const std::string& path, std::string_view bytes, unsigned mode) override;
  [[nodiscard]] Result<void> create(const std::string& path, std::string_view bytes, unsigned mode) override;
  [[nodiscard]] Result<void> rewrite(const std::string& path, std::string_view bytes, unsigned mode) override;
  void remove(const std::string& path) override;
  [[nodiscard]] bool has_mode(const std::string& path, unsigned mode) const override;

 private:
  struct Content {
    std::string bytes;
    unsigned mode = 0;
  };

  std::map<std::string, Content> contents_;
};

/// `path` as it is if absolute, else inside `folder`.
std::string resolve_path(const std::string& folder, const std::string& path);

}  // namespace portcullis
