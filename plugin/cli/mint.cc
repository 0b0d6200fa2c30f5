#include "plugin/cli/mint.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/codec/base64url.h"
#include "base/codec/json.h"
#include "base/codec/json_writer.h"
#include "base/codec/percent.h"

namespace portcullis {
namespace {

constexpr JsonLimits kClaimLimits{.bytes = 64UL * 1024, .depth = 32, .members = 10'000};

std::int64_t unix_seconds(TimePoint time) { return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count(); }

void write_access(JsonWriter& json, const std::vector<AccessEntry>& entries) {
  json.begin_array();
  for (const AccessEntry& entry : entries) {
    json.begin_object().key("type").string(entry.type).key("name").string(entry.name).key("actions").begin_array();
    for (const std::string& action : entry.actions) json.string(action);
    json.end_array().end_object();
  }
  json.end_array();
}

void write_audiences(JsonWriter& json, const std::vector<std::string>& audiences) {
  if (audiences.size() == 1) {
    json.string(audiences.front());
    return;
  }
  json.begin_array();
  for (const std::string& audience : audiences) json.string(audience);
  json.end_array();
}

}  // namespace

Result<AccessEntry> parse_access(std::string_view text) {
  const Error malformed{Reason::bad_request, "--access is TYPE:NAME:ACTIONS, such as repository:team/app:pull,push"};
  const std::size_t first = text.find(':');
  const std::size_t last = text.rfind(':');
  if (first == std::string_view::npos || first == last || first == 0) return malformed;
  AccessEntry entry;
  entry.type = text.substr(0, first);
  entry.name = text.substr(first + 1, last - first - 1);
  for (std::string_view rest = text.substr(last + 1);;) {
    const std::size_t comma = rest.find(',');
    const std::string_view action = rest.substr(0, comma);
    if (action.empty()) return malformed;
    entry.actions.emplace_back(action);
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  if (entry.name.empty()) return malformed;
  return entry;
}

Result<ExtraClaim> parse_claim(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0)
    return Error{Reason::bad_request, "--claim is NAME=JSON, such as 'groups=[\"dev\"]'"};
  const std::string_view name = text.substr(0, equals);
  const Result<JsonDocument> value = parse_json(text.substr(equals + 1), kClaimLimits);
  if (!value.ok()) {
    return Error{Reason::bad_request,
                 "--claim " + escape_for_log(name) + ": the value is no JSON; a text needs its quotes, as in 'team=\"blue\"'"};
  }
  return ExtraClaim{std::string(name), value->root().dump()};
}

std::string payload_of(const TokenOrder& order) {
  JsonWriter json;
  json.begin_object();
  const auto begins = [&](std::string_view name, bool wanted) {
    const bool replaced =
        std::any_of(order.claims.begin(), order.claims.end(), [&](const ExtraClaim& claim) { return claim.name == name; });
    if (!wanted || replaced) return false;
    json.key(name);
    return true;
  };
  if (begins("iss", order.issuer.has_value())) json.string(*order.issuer);
  if (begins("sub", order.subject.has_value())) json.string(*order.subject);
  if (begins("aud", !order.audiences.empty())) write_audiences(json, order.audiences);
  if (begins("iat", true)) json.integer(unix_seconds(order.issued_at));
  if (begins("nbf", order.not_before.has_value())) json.integer(unix_seconds(*order.not_before));
  if (begins("exp", order.expires.has_value())) json.integer(unix_seconds(*order.expires));
  if (begins("access", !order.access.empty())) write_access(json, order.access);
  for (const ExtraClaim& claim : order.claims) json.key(claim.name).raw(claim.json);
  json.end_object();
  return std::move(json).text();
}

Result<std::string> mint_token(const PrivateKey& key, const TokenOrder& order) {
  JsonWriter header;
  header.begin_object().key("alg").string(algorithm_name(order.algorithm));
  if (order.key_id) header.key("kid").string(*order.key_id);
  header.key("typ").string("JWT").end_object();
  std::string token = base64url_encode(header.text()) + '.' + base64url_encode(payload_of(order));
  const Result<std::string> signature = key.sign(order.algorithm, token);
  if (!signature.ok()) return signature.error();
  token += '.';
  token += base64url_encode(*signature);
  return token;
}

}  // namespace portcullis
