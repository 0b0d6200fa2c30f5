// A whole gate without a socket: a `State` from configuration text and keys, questions as a proxy asks them, and answers that are easy to
// read.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugin/gate.h"
#include "tests/support/fake_clock.h"
#include "tests/support/tokens.h"

namespace portcullis::test {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

/// `127.0.0.1`: what `gate_config` trusts.
Peer trusted_peer();
/// Any IPv4 address over TCP.
Peer tcp_peer(std::array<std::uint8_t, 4> address);
/// A unix socket whose peer is trusted, or not.
Peer unix_peer(bool user_trusted);

/// One HTTP request to the gate, owning its texts. As it stands: nginx asking about `GET /v2/` without a token.
struct GateQuestion {
  std::string method = "GET";
  std::string uri = "/auth";
  HeaderList headers = {{"X-Original-Method", "GET"}, {"X-Original-URI", "/v2/"}};
  bool has_body = false;
  std::string body;
  std::optional<Peer> peer = trusted_peer();
  TimePoint now = kNow;

  /// Adds a header behind the others.
  GateQuestion& with(std::string name, std::string value);
};

/// `question` as the listener hands it over; it borrows from `question`.
HttpRequest request_of(const GateQuestion& question);

/// What nginx asks about `method` and `uri`; `authorization` is the whole header value.
GateQuestion nginx_asks(std::string_view method, std::string_view uri, std::optional<std::string_view> authorization = std::nullopt);
/// The same from Traefik or Caddy.
GateQuestion forward_asks(std::string_view method, std::string_view uri, std::optional<std::string_view> authorization = std::nullopt);
/// The same from Envoy.
GateQuestion envoy_asks(std::string_view method, std::string_view uri, std::optional<std::string_view> authorization = std::nullopt);
/// `POST /v1/verify` with a JSON body.
GateQuestion verify_asks(std::string body);
/// `POST /introspect` with a form body.
GateQuestion introspect_asks(std::string body);

/// A configuration: realm `https://auth.example/token`, service `registry.example`, keys from a file, 127.0.0.1 trusted, any issuer and
/// audience. `portcullis` is more members of the `portcullis` section, without a leading comma; it may replace `proxy` and `tokens`, which
/// then are not written.
std::string gate_config(std::string_view portcullis = {});

/// Everything that a gate is built from, as text.
struct GateTexts {
  std::string config = gate_config();
  std::string keys;         ///< the secret's JSON; empty: no good round yet
  std::string markers;      ///< of the marker file
  std::string revocations;  ///< the file's text; empty: none
  bool cert = false;        ///< the keys stand for `cert`: a PEM text, whose `kid` is not looked at
};

/// Owns a state and a token cache. A text that does not load ends the test program with the findings.
class TestGate {
 public:
  explicit TestGate(const GateTexts& texts);
  /// With `gate_config()` and the Ed25519 key `key_pair("ED25519")` as `k1`.
  TestGate();

  [[nodiscard]] GateAnswer ask(const GateQuestion& question);
  /// The same without the token cache.
  [[nodiscard]] GateAnswer ask_uncached(const GateQuestion& question);
  /// For what no configuration can say.
  [[nodiscard]] State& state() noexcept { return state_; }
  [[nodiscard]] TokenCache& cache() noexcept { return cache_; }

 private:
  GateAnswer ask_with(const GateQuestion& question, TokenCache* cache);

  State state_;
  TokenCache cache_;
};

/// A token of `key_pair("ED25519")` under `k1`, good at `kNow`, with access to `repository`. `actions` as in `good_payload`.
std::string good_token(std::string_view repository = "team/app", std::string_view actions = "pull", std::string_view extra = {});
/// A token of the same key with exactly this payload.
std::string token_of(std::string_view payload);
/// `Bearer ` and the token.
std::string bearer(std::string_view token);

/// The only header called `name` (letter case exact), or nothing where it is not there exactly once.
std::optional<std::string> header_of(const GateAnswer& answer, std::string_view name);
/// How many headers are called `name`.
std::size_t header_count(const GateAnswer& answer, std::string_view name);
/// The reason of the answer's decision; aborts where there is none.
Reason reason_of(const GateAnswer& answer);

/// Prints status, reason and challenge of an answer, for failure messages.
std::string describe(const GateAnswer& answer);

/// `Bearer realm="https://auth.example/token",service="registry.example",scope="<scope>"`.
std::string challenge_of(std::string_view scope);
/// The same with `error="invalid_token"` and the text for every cause but expiry.
std::string invalid_token_challenge_of(std::string_view scope);
/// The same with `error="invalid_token"` and the text for an expired token.
std::string expired_challenge_of(std::string_view scope);
/// The same with `error="insufficient_scope"`.
std::string scope_challenge_of(std::string_view scope);

/// The id of every decision that `TestGate` asks for.
inline constexpr std::string_view kDecisionId = "0123456789abcdef";

}  // namespace portcullis::test
