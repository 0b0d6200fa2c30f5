#include "keystore/jwk.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/codec/base64url.h"
#include "base/codec/percent.h"
#include "keystore/key_ids.h"
#include "keystore/key_info.h"
#include "keystore/public_numbers.h"

namespace portcullis {
namespace {

using namespace std::string_view_literals;

/// RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1, RFC 8037 section 2.
constexpr std::array kPrivateMembers = {"d"sv, "p"sv, "q"sv, "dp"sv, "dq"sv, "qi"sv, "oth"sv, "k"sv};
/// RFC 7517 section 4.3: what a key that verifies must not be used for as well.
constexpr std::array kOtherOperations = {"encrypt"sv, "decrypt"sv, "wrapKey"sv, "unwrapKey"sv, "deriveKey"sv, "deriveBits"sv};

Error malformed(std::string what) { return {Reason::key_malformed, std::move(what)}; }
Error unsupported(std::string what) { return {Reason::key_type_unsupported, std::move(what)}; }
Error not_for_signatures(std::string what) { return {Reason::key_not_for_signatures, std::move(what)}; }

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

std::string not_text(std::string_view name, JsonView value) {
  return "JWK member `" + std::string(name) + "` is " + std::string(value.type_name()) + ", not a string";
}

Result<std::string_view> required_text(JsonView jwk, std::string_view name) {
  const JsonView value = jwk.get(name);
  if (const auto text = value.string()) return *text;
  return malformed(not_text(name, value));
}

/// Bytes of a base64url member.
Result<std::string> required_bytes(JsonView jwk, std::string_view name) {
  const Result<std::string_view> text = required_text(jwk, name);
  if (!text) return text.error();
  Result<std::string> bytes = base64url_decode(*text);
  if (!bytes) return malformed("JWK member `" + std::string(name) + "`: " + bytes.error().detail);
  return bytes;
}

/// RFC 7518 section 6.3.1: a number in as few bytes as it needs.
Result<std::string> required_number(JsonView jwk, std::string_view name) {
  Result<std::string> bytes = required_bytes(jwk, name);
  if (bytes && (bytes->empty() || bytes->front() == '\0'))
    return malformed("JWK member `" + std::string(name) + "` is empty or has a leading zero byte");
  return bytes;
}

Result<void> check_use(JsonView jwk) {
  const JsonView use = jwk.get("use");
  if (!use.exists()) return {};
  const auto text = use.string();
  if (!text) return malformed(not_text("use", use));
  if (*text != "sig") return not_for_signatures("JWK `use` is not \"sig\"");
  return {};
}

Result<void> check_operations(JsonView jwk) {
  const JsonView member = jwk.get("key_ops");
  if (!member.exists()) return {};
  if (!member.is_array()) return malformed("JWK member `key_ops` is " + std::string(member.type_name()) + ", not an array");
  bool verifies = false;
  bool does_more = false;
  for (const JsonView element : member.elements()) {
    const auto operation = element.string();
    if (!operation) return malformed("JWK member `key_ops` holds " + std::string(element.type_name()) + ", not strings alone");
    verifies = verifies || *operation == "verify";
    does_more = does_more || is_one_of(kOtherOperations, *operation);
  }
  if (!verifies) return not_for_signatures("JWK `key_ops` does not hold \"verify\"");
  if (does_more) return not_for_signatures("JWK `key_ops` mixes verifying with encryption or key agreement");
  return {};
}

/// What a key of `type` that says `alg` serves: that one alone. `EdDSA` and `Ed25519` are two names of one primitive (RFC 9864
/// section 2.2), so either gives both.
Result<AlgorithmSet> served_algorithms(JsonView jwk, KeyType type) {
  const JsonView member = jwk.get("alg");
  const AlgorithmSet possible = algorithms_for(type);
  if (!member.exists()) return possible;
  const auto name = member.string();
  if (!name) return malformed(not_text("alg", member));
  const auto algorithm = algorithm_from_name(*name);
  if (!algorithm || !possible.contains(*algorithm)) {
    return Error{Reason::key_algorithm_unsupported, "JWK `alg` \"" + escape_for_log(*name) + "\" is not one that a key of type " +
                                                        std::string(key_type_name(type)) + " serves here"};
  }
  if (type == KeyType::ed25519) return possible;
  return AlgorithmSet{*algorithm};
}

Result<KeyType> type_of(JsonView jwk, std::string_view kty) {
  if (kty == "RSA") return KeyType::rsa;
  if (kty != "EC" && kty != "OKP") return unsupported("JWK `kty` \"" + escape_for_log(kty) + "\" is not RSA, EC or OKP");
  const Result<std::string_view> curve = required_text(jwk, "crv");
  if (!curve) return curve.error();
  if (kty == "OKP" && *curve == "Ed25519") return KeyType::ed25519;
  if (kty == "EC" && *curve == "P-256") return KeyType::ec_p256;
  if (kty == "EC" && *curve == "P-384") return KeyType::ec_p384;
  if (kty == "EC" && *curve == "P-521") return KeyType::ec_p521;
  return unsupported("JWK curve \"" + escape_for_log(*curve) + "\" of `kty` " + std::string(kty) +
                     " is not P-256, P-384, P-521 or Ed25519");
}

Result<Key> read_numbers(JsonView jwk, std::string id, KeyType type, AlgorithmSet algorithms) {
  const bool is_rsa = type == KeyType::rsa;
  const Result<std::string> first = is_rsa ? required_number(jwk, "n") : required_bytes(jwk, "x");
  if (!first) return first.error();
  if (type == KeyType::ed25519) return make_ed25519_key(std::move(id), *first, algorithms);
  const Result<std::string> second = is_rsa ? required_number(jwk, "e") : required_bytes(jwk, "y");
  if (!second) return second.error();
  if (is_rsa) return make_rsa_key(std::move(id), *first, *second, algorithms);
  return make_ec_key(std::move(id), type, *first, *second, algorithms);
}

}  // namespace

Result<std::optional<std::string_view>> jwk_id(JsonView jwk) {
  const JsonView member = jwk.get("kid");
  if (!member.exists()) return std::optional<std::string_view>();
  const auto id = member.string();
  if (!id) return malformed(not_text("kid", member));
  const Result<void> sound = check_key_id(*id);
  if (!sound) return sound.error();
  return id;
}

Result<Key> jwk_to_key(JsonView jwk, std::string id) {
  if (!jwk.is_object()) return malformed("JWK is " + std::string(jwk.type_name()) + ", not an object");
  const Result<void> sound_id = check_key_id(id);
  if (!sound_id) return sound_id.error();
  const auto kty = jwk.get("kty").string();
  if (kty == "oct") return Error{Reason::key_symmetric, "JWK of `kty` oct: a symmetric key can sign as well as verify, and is refused"};
  for (const std::string_view name : kPrivateMembers) {
    if (jwk.get(name).exists()) return private_key_found();
  }
  if (!kty) return malformed(not_text("kty", jwk.get("kty")));
  const Result<std::optional<std::string_view>> own_id = jwk_id(jwk);
  if (!own_id) return own_id.error();
  const Result<void> use = check_use(jwk);
  if (!use) return use.error();
  const Result<void> operations = check_operations(jwk);
  if (!operations) return operations.error();
  const Result<KeyType> type = type_of(jwk, *kty);
  if (!type) return type.error();
  const Result<AlgorithmSet> algorithms = served_algorithms(jwk, *type);
  if (!algorithms) return algorithms.error();
  Result<Key> key = read_numbers(jwk, std::move(id), *type, *algorithms);
  if (key && jwk.get("alg").exists()) return std::move(*key).with_named_algorithm();
  return key;
}

}  // namespace portcullis
