#include "keystore/refresh/last_known_good.h"

#include <utility>

#include "aws/arn.h"
#include "base/codec/json.h"
#include "base/codec/json_writer.h"
#include "base/digest.h"
#include "keystore/key_text.h"

namespace portcullis {
namespace {

constexpr std::int64_t kFormat = 2;
constexpr unsigned kOwnerAlone = 0600;
constexpr JsonLimits kFileLimits{.bytes = kMaxRememberedBytes, .depth = 16, .members = 250000};
/// 9999-12-31T23:59:59.999Z: no later time is anybody's.
constexpr std::int64_t kLatest = 253402300799999;

Error refused(std::string why) { return {Reason::secret_malformed, std::move(why)}; }

/// What the digest is over: everything that is believed. `keys` is JSON, members sorted.
std::string digest_of(const SourceIdentity& source, std::int64_t last_success, std::string_view keys) {
  JsonWriter text;
  text.begin_array()
      .integer(kFormat)
      .string(source.kind)
      .string(source.identity)
      .string(source.account)
      .integer(last_success)
      .string(keys)
      .end_array();
  return to_hex(sha256(text.text()));
}

/// As the reader will see them, so that both hash the same bytes.
std::string normal_form(const std::string& json) {
  const Result<JsonDocument> document = parse_json(json, kFileLimits);
  return document ? document->root().dump() : std::string();
}

Error in_file(const std::string& path, const Error& error) { return {error.reason, "last known good keys " + path + ": " + error.detail}; }

}  // namespace

SourceIdentity identity_of(const AwsSecretsManagerConfig& config, std::string_view account) {
  std::string_view owner = arn_account(config.secret_name);
  if (owner.empty() && config.role_arn) owner = arn_account(*config.role_arn);
  if (owner.empty()) owner = account;
  JsonWriter text;
  text.begin_array().string(config.region).string(config.secret_name);
  text.string(config.role_arn.value_or("")).string(config.endpoint.value_or(""));
  for (const std::string& stage : config.version_stages) text.string(stage);
  text.end_array();
  return {"awsSecretsManager", to_hex(sha256(text.text())), std::string(owner)};
}

SourceIdentity identity_of_jwks(std::string_view url) { return {"jwksURL", to_hex(sha256(url)), {}}; }

std::string write_remembered(const SourceIdentity& source, const KeySet& keys, TimePoint last_success) {
  const std::string jwks = normal_form(to_jwks(keys.keys()));
  const std::int64_t time = last_success.time_since_epoch().count();
  JsonWriter out;
  out.begin_object().key("format").integer(kFormat).key("source").string(source.kind).key("identity").string(source.identity);
  out.key("account").string(source.account);
  out.key("lastSuccess").integer(time).key("digest").string(digest_of(source, time, jwks)).key("keys").raw(jwks).end_object();
  return std::move(out).text() + "\n";
}

Result<RememberedKeys> read_remembered(std::string_view text, const SourceIdentity& source, TimePoint now) {
  const Result<JsonDocument> document = parse_json(text, kFileLimits);
  if (!document) return document.error();
  const JsonView root = document->root();
  if (root.get("format").integer() != kFormat) return refused("the format is not 2");
  if (root.get("source").string() != source.kind || root.get("identity").string() != source.identity) {
    return refused("it was made for another source");
  }
  // Where nobody can say yet whose secret it is, the first good round will.
  const std::string account(root.get("account").string().value_or(""));
  if (!account.empty() && !source.account.empty() && account != source.account) return refused("it was made for another AWS account");
  const auto time = root.get("lastSuccess").integer();
  if (!time || *time < 0 || *time > kLatest) return refused("the time of the last success is none");
  const std::string jwks = root.get("keys").dump();
  const SourceIdentity of_file{source.kind, source.identity, account};
  if (root.get("digest").string() != digest_of(of_file, *time, jwks)) return refused("the digest does not fit: it was damaged or edited");
  const TimePoint last_success{Milliseconds(*time)};
  if (last_success > now) return refused("the last success lies in the future: compare the clock of this host");
  Result<ParsedKeys> parsed = read_jwks(jwks, "");
  if (!parsed) return std::move(parsed).error();
  Result<KeySet> keys = KeySet::make(std::move(parsed).value());
  if (!keys) return std::move(keys).error();
  return RememberedKeys{std::move(keys).value(), last_success, account};
}

Result<void> save_last_known_good(Files& files, const std::string& path, const SourceIdentity& source, const SourceState& state) {
  if (!state.keys || !state.last_success || state.remembered) return {};
  SourceIdentity answered = source;
  if (state.origin && !state.origin->account.empty()) answered.account = state.origin->account;
  const std::string text = write_remembered(answered, *state.keys, *state.last_success);
  if (text.size() > kMaxRememberedBytes) return in_file(path, {Reason::io_failed, "more than 2 MiB would not be read again"});
  return files.write(path, text, kOwnerAlone);
}

Result<SourceState> recall_last_known_good(const Files& files, const std::string& path, const SourceIdentity& source,
                                           const SourceState& before, std::uint64_t new_generation, TimePoint now) {
  if (before.keys || before.last_success) return before;
  const Result<std::string> text = files.read(path, kMaxRememberedBytes);
  if (!text) return in_file(path, text.error());
  Result<RememberedKeys> found = read_remembered(*text, source, now);
  if (!found) return in_file(path, found.error());
  SourceState state = before;
  state.keys = std::make_shared<const KeySet>(std::move(found->keys));
  state.generation = new_generation;
  state.last_success = found->last_success;
  state.remembered = true;
  KeysOrigin origin;
  origin.account = std::move(found->account);
  state.origin = std::make_shared<const KeysOrigin>(std::move(origin));
  return state;
}

}  // namespace portcullis
