// Fuzzes the straight line from bytes to a verified token. Nobody has the private halves of these keys any more, so that every token that
// is accepted must be one of the four below, in its signed part.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "keystore/key_set.h"
#include "verifier/verify.h"

namespace {

using namespace portcullis;

constexpr std::string_view kJwks =
    R"({"keys":[)"
    R"({"kty":"RSA","n":"oWgcMQDdhVcPak8Kgh0G2y89oRK9QpGw24zFK1RsBY84Wft3gqThiOq4QsSOopyIq40VE9diS1D2tgrnLQ-A2YQ-v5mOks9vPyBx)"
    R"(KGiFvwK8MfKH80LhYbHdKqoWdEMZcXd81DeWGFXtDQIGeCn0vPVrEpECkjnJWkCUMZBPtRFHqTf0CFCMLyo1ePJkK6jMXbvi6NMf5oRR47Cbjt6PdEVaR8)"
    R"(-dW04Esiz_z0P7Ya6UKS9FCuNilbnopgjbNReiECffz0wV2ab-xCmCgOiNRJ3Y7PCJpoXfxUuJTwqLr_f0ix1KC4p-ALdwSC5esLw3pC7VTvXewI_rAoDv)"
    R"(twGDYQ","e":"AQAB","kid":"rsa"})"
    R"(,)"
    R"({"kty":"EC","crv":"P-256","x":"UWF84PLErKRvz5i6tVQfOnCSb1zC-fEjS_oHsjVXnJk","y":"SPM1C6jBjtWsCZ0-0ShroxMV1Da3iazgbORtP)"
    R"(eutfmw","kid":"p256"})"
    R"(,)"
    R"({"kty":"OKP","crv":"Ed25519","x":"46DrfY8dsv5WG7ddhn_fL-wY4p0WPDVaSLZuDgxoxls","kid":"ed25519"})"
    R"(]})";

/// Of all four: issuer, audience, times until the year 9999, access to team/app.
#define PAYLOAD                                                                                                        \
  "eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic3ViIjoiYWxpY2UiLCJhdWQiOlsicmVnaXN0cnkiXSwianRpIjoiMSIsImlhdCI6MTc3Mj" \
  "M2NjQwMCwibmJmIjoxNzcyMzY2NDAwLCJleHAiOjI1MzQwMjMwMDc5OSwiYWNjZXNzIjpbeyJ0eXBlIjoicmVwb3NpdG9yeSIsIm5hbWUiOiJ0ZWFt" \
  "L2FwcCIsImFjdGlvbnMiOlsicHVsbCIsInB1c2giXSwiZXhwIjoyNTM0MDIzMDA3OTl9XSwiZ3JvdXBzIjpbImRldiJdfQ"

struct Seed {
  std::string_view signing_input;
  std::string_view signature;
};
constexpr Seed kSeeds[] = {
    {"eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InJzYSJ9." PAYLOAD,
     "e-4RtWG7Fwtqa4cj3WXBo9L4DsIIaXvkTPBFZY2ZyO16fAcsV9LRdYYEW78BDAH5ki9rvUcH589gCLwZ571RXUnu4KzCaHd5mLA8Y4205LKw8qKeD0JKTL"
     "bKYQ2cbyPF9UYORptHSRI12tgaMAPfF3yXDnNB-2tSoQjMKqTHIVE4e1-DKftFpXDUltR4HjA2uVtMv1MLjdse-J-nvgig8LOnbeVVaYOvtIrQotzydv6U"
     "j1e3E4D0XL_YA8zHTPXxiNMikgIzqF_a67w-FschlejZ3vacBt-iTRrQALwP74lRIr2KByj40J7RBBZcMBKZKk8B9Fse85gfToo0eM_EYw"},
    {"eyJhbGciOiJQUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InJzYSJ9." PAYLOAD,
     "MLkoQG-exzdLFcnXcwPQ3tVADeS-rsh74dcJ3_EsOYmST7mTtF5zEnZijbmSs3VU_k0h-eBYS_S44PPcFAhWR6wu20EPm6jJf5xaxMFyJaf6bhWJXcl62r"
     "t_JYBf5CUdnBJN5L9Ea6Jp4no5k8J7laYHld5t1uEcDmbWTJZzcKTUgH-YU476iMExPl2hu6BtVxCA2spMH9gMxBnv_NYeMm-69YOH2vvykKQO9DYhp738"
     "V2vkPhJSfHJNHbTWXQliH9aSIeyNWZ2QElsLsT-I0OReYPJgYii1kuucFcDv66MMuIQ-R2i0609yrCZ0lOu4bjFrzc1Lpin-10SabQCGHw"},
    {"eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InAyNTYifQ." PAYLOAD,
     "0xKtV9hDvsRyXFC-wXmjRaBh4_Ug3sQFhkLYG6-Nb58ZMa5J-I-DQLbUMcgAuWcoZCu0mpXvG2SzD8hlUnyUPA"},
    {"eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCIsImtpZCI6ImVkMjU1MTkifQ." PAYLOAD,
     "eUgU1USw0eG9DoHmEr3-0tYRcNA0Gl8Qrr46VJbXgfuCFNjX318Pv9jCeN0vxHt3xUN5VkQVBSK5IYUcV64SAw"},
};

KeySet read_keys() {
  auto parsed = read_jwks(kJwks, "");
  if (!parsed) std::abort();
  auto keys = KeySet::make(std::move(*parsed));
  if (!keys) std::abort();
  return std::move(*keys);
}

Result<VerifiedToken> verify(std::string_view text) {
  static const KeySet kKeys = read_keys();
  static const Revocations kRevocations;
  TokenRules rules;
  rules.limits = {.bytes = 16384};
  rules.claims.issuers = {"https://issuer.example"};
  rules.claims.audiences = {"registry"};
  return verify_token(text, {&kKeys, true, 1}, rules, kRevocations, TimePoint(std::chrono::seconds(1772366400)), nullptr);
}

bool is_seed(std::string_view text) {
  for (const Seed& seed : kSeeds) {
    if (text.starts_with(seed.signing_input)) return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* /*count*/, char*** /*arguments*/) {
  for (const Seed& seed : kSeeds) {
    if (!verify(std::string(seed.signing_input) + "." + std::string(seed.signature)).ok())
      std::abort();  // or nothing behind the signature is fuzzed
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (verify(text).ok() && !is_seed(text)) std::abort();
  if (const auto payload = parse_payload(text); payload.ok()) {
    (void)read_claims(payload->root());
    (void)map_identity(payload->root(), nullptr, {});
  }
  (void)Revocations::parse(text);
  return 0;
}
