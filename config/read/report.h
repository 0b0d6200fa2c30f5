// Collects all that there is to say about a configuration: reading never stops at the first fault.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.h"

namespace portcullis {

/// Findings in the order in which they were made, and the names of what was read.
class Report {
 public:
  void error(std::string path, std::string message) { add(Severity::error, std::move(path), std::move(message)); }
  void warning(std::string path, std::string message) { add(Severity::warning, std::move(path), std::move(message)); }
  void notice(std::string path, std::string message) { add(Severity::notice, std::move(path), std::move(message)); }
  /// A zot key that stands in the file and that Portcullis does not use.
  void unused(std::string path) { unused_.push_back(std::move(path)); }

  /// From now on every key that a reader asks for is kept, in lists as `a[].b` and in maps as `a.*.b`.
  void record_known_keys() { recording_ = true; }
  [[nodiscard]] bool recording() const noexcept { return recording_; }
  void know(std::string path) {
    if (recording_) known_.insert(std::move(path));
  }

  [[nodiscard]] bool has_errors() const noexcept;
  [[nodiscard]] const std::vector<Finding>& findings() const noexcept { return findings_; }
  [[nodiscard]] const std::vector<std::string>& unused_keys() const noexcept { return unused_; }
  [[nodiscard]] const std::set<std::string>& known_keys() const noexcept { return known_; }

 private:
  void add(Severity severity, std::string path, std::string message);

  std::vector<Finding> findings_;
  std::vector<std::string> unused_;
  std::set<std::string> known_;
  bool recording_ = false;
};

/// `text` for a message: quoted, controls escaped, cut after 64 bytes. Never call it with a secret.
std::string in_quotes(std::string_view text);

}  // namespace portcullis
