#include "keystore/refresh/file_source.h"

#include <utility>

namespace portcullis {
namespace {

constexpr std::size_t kMaxCertBytes = 1048576;
constexpr std::size_t kMaxKeysFileBytes = 10485760;

/// Reads its file anew each time, through the path: so a rename and a symlink swap are seen.
class FileSource : public KeySource {
 public:
  FileSource(const Files& files, std::string name, std::string path) : files_(files), name_(std::move(name)), path_(std::move(path)) {}

  [[nodiscard]] const std::string& name() const noexcept override { return name_; }
  [[nodiscard]] std::vector<std::string> watched_files() const override { return {path_}; }

 protected:
  [[nodiscard]] Result<std::string> read(std::size_t limit) const { return files_.read(path_, limit); }
  /// Says which file; that of a failed `read` does already.
  [[nodiscard]] Error in_file(const Error& error) const { return {error.reason, path_ + ": " + error.detail}; }

 private:
  // set once
  const Files& files_;
  const std::string name_;
  const std::string path_;
};

class CertSource final : public FileSource {
 public:
  CertSource(const Files& files, std::string path) : FileSource(files, "cert", std::move(path)) {}

  [[nodiscard]] Result<ParsedKeys> fetch(TimePoint now) override {
    const Result<std::string> text = read(kMaxCertBytes);
    if (!text) return failed(text.error());
    const Result<Key> key = read_single_key(*text, now);
    if (!key) return failed(in_file(key.error()));
    ParsedKeys parsed;
    parsed.keys.push_back(key->renamed(""));
    return parsed;
  }

 private:
  /// zot's words, for whoever looks for them in a log.
  static Error failed(const Error& error) { return {error.reason, "failed to load public key: " + error.detail}; }
};

class KeysFileSource final : public FileSource {
 public:
  KeysFileSource(const Files& files, std::string path) : FileSource(files, "file", std::move(path)) {}

  [[nodiscard]] Result<ParsedKeys> fetch(TimePoint now) override {
    const Result<std::string> text = read(kMaxKeysFileBytes);
    if (!text) return text.error();
    Result<ParsedKeys> parsed = read_secret(*text, now);
    if (!parsed) return in_file(parsed.error());
    return parsed;
  }
};

}  // namespace

std::unique_ptr<KeySource> make_cert_source(const Files& files, std::string path) {
  return std::make_unique<CertSource>(files, std::move(path));
}

std::unique_ptr<KeySource> make_keys_file_source(const Files& files, std::string path) {
  return std::make_unique<KeysFileSource>(files, std::move(path));
}

}  // namespace portcullis
