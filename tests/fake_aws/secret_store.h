// Secrets with their versions, and the staging labels that move between them.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace portcullis::fake_aws {

struct SecretVersion {
  std::string id;
  std::string value;  ///< base64 where it is binary
  bool binary = false;
  std::set<std::string> stages;
  TimePoint created;
};

struct StoredSecret {
  std::string arn;
  std::string name;
  std::string account;
  std::string region;
  std::string description{};
  std::vector<SecretVersion> versions{};  ///< in the order of their making
  TimePoint created{};
  TimePoint changed{};
  std::optional<TimePoint> deleted{};

  /// Null where there is none.
  SecretVersion* version(std::string_view id);
  SecretVersion* staged(std::string_view stage);
  /// Adds a version, and moves `stages` to it. The version that loses AWSCURRENT becomes AWSPREVIOUS.
  void put(SecretVersion version, const std::set<std::string>& stages);
  /// Moves one label; to null: takes it away.
  void move_stage(const std::string& stage, SecretVersion* to);
};

class SecretStore {
 public:
  /// A new secret without a value; its ARN ends in six random characters.
  StoredSecret& create(std::string_view partition, std::string_view account, std::string_view region, std::string_view name, TimePoint now);
  /// By name (in `account`), ARN, or ARN without its last seven characters. Null where there is none in `region`.
  StoredSecret* find(std::string_view id, std::string_view account, std::string_view region);
  void remove(const StoredSecret& secret);

 private:
  std::vector<StoredSecret> all_;
};

}  // namespace portcullis::fake_aws
