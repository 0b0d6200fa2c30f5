#include "verifier/token.h"

#include <utility>

#include "base/codec/base64url.h"
#include "base/codec/json.h"
#include "base/codec/percent.h"
#include "verifier/control_characters.h"

namespace portcullis {
namespace {

constexpr JsonLimits kHeaderLimits{.bytes = 4096, .depth = 8, .members = 64};
constexpr std::size_t kMaxKeyId = 256;
constexpr std::string_view kTypePrefix = "application/";

struct Parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
};

/// Stops at the third dot, so that thousands of them cost nothing more (CVE-2025-30204, CVE-2025-27144).
std::optional<Parts> split(std::string_view text) {
  const std::size_t first = text.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = text.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  if (text.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  return Parts{text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1)};
}

/// Header parameters that change what the signature covers or means, none of which exist here (RFC 7515 section 4.1.11, RFC 7797 section
/// 3).
Result<void> check_extensions(JsonView header) {
  if (header.get("crit").exists()) return Error{Reason::crit_unsupported, "token header has 'crit'"};
  if (const JsonView b64 = header.get("b64"); b64.exists() && b64.boolean() != true) {
    return Error{Reason::crit_unsupported, "token header has 'b64' that is not true"};
  }
  return {};
}

/// RFC 8725 section 3.1: the name is looked up in the closed list, to the byte.
Result<Algorithm> read_algorithm(JsonView header) {
  const auto name = header.get("alg").string();
  if (!name || name->empty()) return Error{Reason::token_header_invalid, "token 'alg' header is not a name"};
  const auto algorithm = algorithm_from_name(*name);
  if (!algorithm) return Error{Reason::alg_not_allowed, "token 'alg' header is not an algorithm of the closed list"};
  return *algorithm;
}

Result<std::optional<std::string>> read_key_id(JsonView header) {
  const JsonView member = header.get("kid");
  if (!member.exists()) return std::optional<std::string>();
  const auto kid = member.string();
  if (!kid) return Error{Reason::kid_invalid, "token 'kid' header is not a string"};
  if (kid->size() > kMaxKeyId) return Error{Reason::kid_invalid, "token 'kid' header is longer than 256 bytes: " + escape_for_log(*kid)};
  if (has_control(*kid)) return Error{Reason::kid_invalid, "token 'kid' header holds a control character: " + escape_for_log(*kid)};
  return std::optional<std::string>(*kid);
}

Result<std::optional<std::string>> read_type(JsonView header) {
  const JsonView member = header.get("typ");
  if (!member.exists()) return std::optional<std::string>();
  const auto type = member.string();
  if (!type) return Error{Reason::token_header_invalid, "token 'typ' header is not a string"};
  return std::optional<std::string>(normalize_type(*type));
}

Result<JsonDocument> parse_header(std::string_view json) {
  auto document = parse_json(json, kHeaderLimits);
  if (!document) return Error{Reason::token_header_invalid, "token header: " + document.error().detail};
  if (!document->root().is_object()) return Error{Reason::token_header_invalid, "token header is not an object"};
  return document;
}

/// What a header says.
struct Header {
  Algorithm algorithm{};
  std::optional<std::string> key_id;
  std::optional<std::string> type;
};

Result<Header> read_header(std::string_view json) {
  const auto document = parse_header(json);
  if (!document) return document.error();
  const JsonView header = document->root();
  if (auto extensions = check_extensions(header); !extensions) return extensions.error();
  const auto algorithm = read_algorithm(header);
  if (!algorithm) return algorithm.error();
  auto key_id = read_key_id(header);
  if (!key_id) return key_id.error();
  auto type = read_type(header);
  if (!type) return type.error();
  return Header{*algorithm, std::move(*key_id), std::move(*type)};
}

/// The last good header of a thread: the tokens of one issuer and key hardly ever differ before the first dot.
struct LastHeader {
  std::string encoded;  ///< empty: none yet, and no header is
  Header header;
};

}  // namespace

std::string normalize_type(std::string_view type) {
  std::string lower(type);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (lower.starts_with(kTypePrefix)) lower.erase(0, kTypePrefix.size());
  return lower;
}

Result<UnverifiedToken> parse_token(std::string_view text, const TokenLimits& limits) {
  if (text.size() > limits.bytes) return Error{Reason::token_too_large, "token is longer than " + std::to_string(limits.bytes) + " bytes"};
  const auto parts = split(text);
  if (!parts) return Error{Reason::token_malformed, "not three parts"};
  thread_local LastHeader last;
  const bool known = !last.encoded.empty() && parts->header == last.encoded;
  std::string header;
  if (!known) {
    auto decoded = base64url_decode(parts->header);
    if (!decoded) return Error{Reason::token_malformed, "token header is not strict base64url"};
    header = std::move(*decoded);
  }
  auto payload = base64url_decode(parts->payload);
  if (!payload) return Error{Reason::token_malformed, "token payload is not strict base64url"};
  auto signature = base64url_decode(parts->signature);
  if (!signature) return Error{Reason::token_malformed, "token signature is not strict base64url"};
  if (!known) {
    auto read = read_header(header);
    if (!read) return read.error();
    last = LastHeader{std::string(parts->header), std::move(*read)};
  }
  // After the algorithm, so that an unsigned token is told to be `none` where it says so (RFC 8725 section 2.1).
  if (signature->empty()) return Error{Reason::token_malformed, "token has no signature"};
  UnverifiedToken token{};
  token.signing_input = text.substr(0, parts->header.size() + 1 + parts->payload.size());
  token.header = parts->header;
  token.algorithm = last.header.algorithm;
  token.key_id = last.header.key_id;
  token.type = last.header.type;
  token.payload = std::move(*payload);
  token.signature = std::move(*signature);
  return token;
}

}  // namespace portcullis
