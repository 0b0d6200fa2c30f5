#include "tests/fake_aws/secret_store.h"

#include <algorithm>
#include <utility>

#include "tests/fake_aws/mint.h"

namespace portcullis::fake_aws {
namespace {

constexpr std::size_t kArnSuffix = 7;  // a dash and six characters

}  // namespace

SecretVersion* StoredSecret::version(std::string_view id) {
  const auto found = std::find_if(versions.begin(), versions.end(), [&](const SecretVersion& one) { return one.id == id; });
  return found == versions.end() ? nullptr : &*found;
}

SecretVersion* StoredSecret::staged(std::string_view stage) {
  const auto found =
      std::find_if(versions.begin(), versions.end(), [&](const SecretVersion& one) { return one.stages.contains(std::string(stage)); });
  return found == versions.end() ? nullptr : &*found;
}

void StoredSecret::put(SecretVersion version, const std::set<std::string>& stages) {
  changed = version.created;
  versions.push_back(std::move(version));
  for (const std::string& stage : stages) move_stage(stage, &versions.back());
}

void StoredSecret::move_stage(const std::string& stage, SecretVersion* to) {
  SecretVersion* from = staged(stage);
  if (from == to) return;
  if (from != nullptr) from->stages.erase(stage);
  if (to != nullptr) to->stages.insert(stage);
  if (stage == "AWSCURRENT" && from != nullptr) move_stage("AWSPREVIOUS", from);
}

StoredSecret& SecretStore::create(std::string_view partition, std::string_view account, std::string_view region, std::string_view name,
                                  TimePoint now) {
  StoredSecret secret{.arn = {}, .name = std::string(name), .account = std::string(account), .region = std::string(region)};
  secret.arn = "arn:" + std::string(partition) + ":secretsmanager:" + secret.region + ":" + secret.account + ":secret:" + secret.name +
               "-" + random_text(6);
  secret.created = secret.changed = now;
  all_.push_back(std::move(secret));
  return all_.back();
}

StoredSecret* SecretStore::find(std::string_view id, std::string_view account, std::string_view region) {
  const auto found = std::find_if(all_.begin(), all_.end(), [&](const StoredSecret& secret) {
    if (secret.region != region) return false;
    const std::string_view arn = secret.arn;
    return id == arn || id == arn.substr(0, arn.size() - kArnSuffix) || (id == secret.name && secret.account == account);
  });
  return found == all_.end() ? nullptr : &*found;
}

void SecretStore::remove(const StoredSecret& secret) {
  all_.erase(std::find_if(all_.begin(), all_.end(), [&](const StoredSecret& one) { return &one == &secret; }));
}

}  // namespace portcullis::fake_aws
