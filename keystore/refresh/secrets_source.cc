#include "keystore/refresh/secrets_source.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "aws/arn.h"
#include "aws/secrets_manager.h"
#include "base/codec/percent.h"
#include "keystore/key_ids.h"
#include "keystore/key_secret.h"

namespace portcullis {
namespace {

constexpr std::string_view kNoConfiguration = "failed to load AWS configuration";
/// The secret, or the version of that stage, is not there.
constexpr std::string_view kMissing = "ResourceNotFoundException";

/// What one version of the secret holds.
struct Version {
  std::string label;  ///< `AWSCURRENT 6f0c…`
  SecretValue value;
  ParsedKeys keys;
};

void add(std::string& list, std::string_view word) { list.append(list.empty() ? "" : ", ").append(word); }

class SecretsSource final : public KeySource {
 public:
  SecretsSource(SecretsClient client, SecretVersions versions) : client_(std::move(client)), versions_(std::move(versions)) {}

  [[nodiscard]] const std::string& name() const noexcept override { return name_; }
  [[nodiscard]] std::vector<std::string> watched_files() const override { return {}; }

  [[nodiscard]] Result<ParsedKeys> fetch(TimePoint now) override {
    const Result<AwsClient*> client = client_();
    if (!client) return without_client(client.error());
    std::vector<Version> found;
    for (std::size_t i = 0; i < versions_.stages.size(); ++i) {
      const std::string& stage = versions_.stages[i];
      SecretOutcome answer = get_secret_value(**client, {.secret_id = versions_.secret_id, .version_stage = stage});
      if (i > 0 && answer.code == kMissing) continue;
      Result<Version> version = read_version(std::move(answer.value), stage, now);
      if (!version) return std::move(version).error();
      // Removed and made anew between two calls: half of each is neither.
      if (!found.empty() && found.front().value.arn != version->value.arn) return replaced();
      found.push_back(std::move(version).value());
    }
    return merge(std::move(found), now);
  }

 private:
  static Error without_client(const Error& error) {
    if (error.detail.find(kNoConfiguration) != std::string::npos) return error;
    return {error.reason, std::string(kNoConfiguration) + ": " + error.detail};
  }

  [[nodiscard]] Error replaced() const {
    return {Reason::io_failed, "failed to retrieve secret " + versions_.secret_id + ": it was replaced while it was read"};
  }

  [[nodiscard]] Error in_version(const std::string& stage, const Error& error) const {
    return {error.reason, "secret " + versions_.secret_id + " (" + stage + "): " + error.detail};
  }

  [[nodiscard]] Result<Version> read_version(Result<SecretValue> value, const std::string& stage, TimePoint now) const {
    if (!value) return std::move(value).error();
    Result<ParsedKeys> keys = parse_secret(value->text.reveal(), now);
    if (!keys) return in_version(stage, keys.error());
    const std::string label = stage + (value->version_id.empty() ? "" : " " + escape_for_log(value->version_id));
    return Version{.label = label, .value = std::move(value).value(), .keys = std::move(keys).value()};
  }

  [[nodiscard]] Result<ParsedKeys> merge(std::vector<Version> found, TimePoint now) const {
    ParsedKeys all;
    all.origin.account = arn_account(found.front().value.arn);
    for (Version& version : found) {
      add(all.origin.version, version.label);
      note_origin(all.origin, version);
      std::move(version.keys.keys.begin(), version.keys.keys.end(), std::back_inserter(all.keys));
      for (QuarantinedKey& key : version.keys.quarantined) set_aside(all, std::move(key));
    }
    // The reader of one version says best why nothing in it is usable.
    if (all.keys.empty()) return in_version(versions_.stages.front(), read_secret(found.front().value.text.reveal(), now).error());
    Result<std::vector<Key>> unique = one_key_per_id(std::move(all.keys));
    if (!unique) return in_version(all.origin.version, unique.error());
    all.keys = std::move(unique).value();
    return all;
  }

  static void note_origin(KeysOrigin& origin, const Version& version) {
    for (const Key& key : version.keys.keys) {
      add(origin.of_keys[key.id()], version.label);
      if (!version.value.created) continue;
      const auto [known, is_new] = origin.since.try_emplace(key.id(), *version.value.created);
      if (!is_new) known->second = std::min(known->second, *version.value.created);
    }
  }

  /// The versions of a secret share most of what they hold, the faulty entries too.
  static void set_aside(ParsedKeys& all, QuarantinedKey key) {
    if (std::find(all.quarantined.begin(), all.quarantined.end(), key) == all.quarantined.end()) all.quarantined.push_back(std::move(key));
  }

  // set once
  const std::string name_ = "awsSecretsManager";
  const SecretsClient client_;
  const SecretVersions versions_;
};

}  // namespace

std::unique_ptr<KeySource> make_secrets_source(SecretsClient client, SecretVersions versions) {
  return std::make_unique<SecretsSource>(std::move(client), std::move(versions));
}

}  // namespace portcullis
