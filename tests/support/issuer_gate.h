// A whole gate that trusts OIDC issuers, with a scripted network before each of them: a round happens when a test says so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/io/files.h"
#include "keystore/refresh/source.h"
#include "tests/support/fake_http.h"
#include "tests/support/gate_fixture.h"

namespace portcullis::test {

inline constexpr std::string_view kIdp = "https://idp.example";

/// One of `oidc[]`: this issuer, the audience `registry`, and more members as JSON text without a leading comma.
std::string issuer_entry(std::string_view issuer = kIdp, std::string_view more = {});
/// A discovery document of `issuer`, whose keys stand at `<issuer>/keys`, with `algorithms` as JSON text; empty: none are listed.
std::string discovery_document(std::string_view issuer = kIdp, std::string_view algorithms = R"(["EdDSA","ES256","RS256"])");
/// A token of `issuer` for the audience `registry` and `alice`, issued at `kNow` and good for five minutes; `extra` is more members as JSON
/// text without a leading comma.
std::string issuer_token(std::string_view issuer = kIdp, const KeyPair& key = key_pair("ED25519"), std::string_view kid = "i1",
                         std::string_view extra = {});
/// A token of `key` under `i1` with exactly this payload.
std::string issuer_token_of(std::string_view payload, const KeyPair& key = key_pair("ED25519"));

/// What such a gate is made of.
struct IssuerTexts {
  std::string issuers = issuer_entry();  ///< of `oidc[]`
  bool traditional = false;              ///< the key `k1`, `key_pair("ED25519", "second")`, stands beside them
  /// Everybody may read `team/**`, `alice` and the users of the group `g` may push to `team/app`.
  std::string access_control =
      R"("repositories":{"team/**":{"defaultPolicy":["read"],"policies":[{"users":["alice"],"groups":["g"],"actions":["read","create","update"]}]}})";
};

/// The configuration file of these texts.
std::string issuer_config(const IssuerTexts& texts);

/// Issuers are counted from 0, in the order of the configuration.
class IssuerGate {
 public:
  /// No issuer has shown its keys yet.
  explicit IssuerGate(const IssuerTexts& texts = {});

  /// What the next call of an issuer's source gets; a call beyond the script fails.
  [[nodiscard]] FakeHttp& network(std::size_t index = 0) { return networks_.at(index); }
  /// One round of an issuer. It asks for discovery, unless a good round was less than ten minutes ago.
  void round(std::size_t index = 0, TimePoint now = kNow);
  /// One round that finds `document` and `jwks`; of a source that remembers no older document.
  void shows(const std::string& jwks, const std::string& document = discovery_document(), std::size_t index = 0);
  /// The source's state after the newest round.
  [[nodiscard]] const SourceState& source(std::size_t index = 0) { return gate_.state().issuers.sources().at(index); }
  /// Why the newest round failed; empty where it did not.
  [[nodiscard]] std::string fault(std::size_t index = 0);

  /// nginx asks about `method` and `uri` with this bearer token.
  GateAnswer ask(std::string_view token, std::string_view uri = "/v2/team/app/tags/list", std::string_view method = "GET",
                 TimePoint now = kNow);
  [[nodiscard]] TestGate& gate() noexcept { return gate_; }

 private:
  void forget(std::size_t index);

  TestGate gate_;
  FakeFiles files_;
  std::deque<FakeHttp> networks_;
  std::vector<std::unique_ptr<KeySource>> sources_;
  std::uint64_t generation_ = 10;
};

}  // namespace portcullis::test
