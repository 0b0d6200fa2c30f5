// `key`, `json`, `base64url` and `glob`: what we read, and what we do not.
#include <chrono>
#include <cstdint>
#include <string>

#include "base/codec/base64url.h"
#include "base/codec/hex.h"
#include "base/codec/json_writer.h"
#include "keystore/key_set.h"
#include "keystore/key_text.h"
#include "policy/pattern/pattern.h"
#include "tests/probe/ops.h"

namespace portcullis::probe {
namespace {

/// Of any text that is no token: larger than every published case.
constexpr JsonLimits kTextLimits{.bytes = 1024UL * 1024, .depth = 32, .members = 10'000};

std::string keys_json(const std::vector<Key>& keys) {
  JsonWriter json;
  json.begin_array();
  for (const Key& key : keys) {
    json.begin_object().key("id").string(key.id()).key("type").string(key_type_name(key.type())).key("algorithms").begin_array();
    for (const Algorithm one : all_algorithms()) {
      if (key.algorithms().contains(one)) json.string(algorithm_name(one));
    }
    json.end_array().key("bits").integer(key.bits()).end_object();
  }
  json.end_array();
  return std::move(json).text();
}

std::string quarantined_json(const std::vector<QuarantinedKey>& keys) {
  JsonWriter json;
  json.begin_array();
  for (const QuarantinedKey& key : keys) {
    json.begin_object().key("id").string(key.id).key("reason").string(reason_name(key.error.reason)).end_object();
  }
  json.end_array();
  return std::move(json).text();
}

}  // namespace

Answer run_key(JsonView line) {
  const auto text = line.get("text").string();
  if (!text) return Answer::not_understood("key needs text");
  const Result<ParsedKeys> parsed = read_key_text(*text, std::chrono::floor<Milliseconds>(std::chrono::system_clock::now()));
  if (!parsed.ok()) return Answer::refused(parsed.error());
  const Result<KeySet> set = KeySet::make(*parsed);
  Answer answer = set.ok() ? Answer::accepted() : Answer::refused(set.error());
  if (!set.ok() && !parsed->quarantined.empty()) answer.reason = parsed->quarantined.front().error.reason;
  answer.members.emplace_back("keys", keys_json(set.ok() ? set->keys() : std::vector<Key>()));
  answer.members.emplace_back("quarantined", quarantined_json(parsed->quarantined));
  return answer;
}

Answer run_json(JsonView line) {
  const auto hex = line.get("hex").string();
  const Result<std::string> bytes = hex ? hex_decode(*hex) : Result<std::string>(Error{Reason::bad_request, {}});
  if (!bytes.ok()) return Answer::not_understood("json needs hex");
  const Result<JsonDocument> document = parse_json(*bytes, kTextLimits);
  return document.ok() ? Answer::accepted() : Answer::refused(document.error());
}

Answer run_base64url(JsonView line) {
  const auto text = line.get("text").string();
  if (!text) return Answer::not_understood("base64url needs text");
  const Result<std::string> bytes = base64url_decode(*text);
  if (!bytes.ok()) return Answer::refused(bytes.error());
  Answer answer = Answer::accepted();
  answer.members.emplace_back("hex", "\"" + hex_encode(*bytes) + "\"");
  return answer;
}

Answer run_glob(JsonView line) {
  const auto pattern = line.get("pattern").string();
  const auto name = line.get("name").string();
  if (!pattern || !name) return Answer::not_understood("glob needs pattern and name");
  const Result<Pattern> parsed = Pattern::parse(*pattern);
  if (!parsed.ok()) return Answer::refused(parsed.error());
  Answer answer = Answer::accepted();
  answer.members.emplace_back("match", parsed->matches(*name) ? "true" : "false");
  return answer;
}

}  // namespace portcullis::probe
