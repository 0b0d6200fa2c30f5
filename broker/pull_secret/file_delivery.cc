#include "broker/pull_secret/file_delivery.h"

#include <algorithm>
#include <vector>

namespace portcullis {
namespace {

constexpr unsigned kMode = 0600;

struct SecretFile {
  std::string path;
  std::string_view text;
};

std::vector<SecretFile> files_of(const std::string& stem, const SecretData& data) {
  std::vector<SecretFile> files;
  for (const auto& [key, value] : data.entries) {
    files.push_back({.path = data.type == GeneratedSecretConfig::Type::docker ? stem + ".json" : stem + "." + key, .text = value.reveal()});
  }
  return files;
}

/// A file of the right text that others may read is written anew: whoever opened it before keeps what is worth nothing soon.
bool holds(const Files& files, const SecretFile& file) {
  if (!files.has_mode(file.path, kMode)) return false;
  auto there = files.read(file.path, std::max<std::size_t>(file.text.size(), 1));
  const bool same = there.ok() && equal_in_constant_time(*there, file.text);
  if (there.ok()) wipe(*there);
  return same;
}

}  // namespace

void deliver_files(Files& files, const std::string& folder, const PullSecretConfig& pull_secret, const SecretSet& set,
                   RoundReport& report) {
  for (const GeneratedSecretConfig& secret : pull_secret.secrets) {
    bool replaced = false;
    bool failed = false;
    for (const SecretFile& file : files_of(folder + "/" + secret.name, set.data.at(secret.type))) {
      if (holds(files, file)) continue;
      const auto written = files.write(file.path, file.text, kMode);
      replaced = replaced || written.ok();
      failed = failed || !written.ok();
      if (written.ok()) continue;
      std::string what = written.error().detail;
      if (what.starts_with(file.path + ": ")) what.erase(0, file.path.size() + 2);
      report.problems.push_back({.where = file.path, .what = what + " (the folder must exist, and be ours to write)"});
    }
    if (!failed) ++(replaced ? report.counts.renewed : report.counts.kept);
  }
}

}  // namespace portcullis
