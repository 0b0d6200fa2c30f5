#include "keystore/refresh/oidc_source.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "keystore/jwks.h"
#include "keystore/refresh/discovery.h"
#include "keystore/refresh/jwks_fetch.h"

namespace portcullis {
namespace {

constexpr std::size_t kMostFileBytes = 1048576;
/// A Kubernetes token has some 1 KiB.
constexpr std::size_t kMostTokenBytes = 65536;
/// How long a document serves: an issuer moves its keys' place about never, and a failed round asks again at once.
constexpr auto kDiscoveryServes = std::chrono::minutes(10);

std::optional<AlgorithmSet> configured_algorithms(const OidcIssuerConfig& issuer) {
  if (issuer.algorithms.empty()) return std::nullopt;
  return algorithms_named(issuer.algorithms);
}

Error cannot_serve(const Key& key) {
  return {Reason::key_algorithm_unsupported, "the issuer signs with none of the algorithms of a key of type " +
                                                 std::string(key_type_name(key.type())) +
                                                 ", by its discovery document, its configured algorithms, or RS256 where nothing is said"};
}

/// A source of one issuer: narrows what a round brought, and says whose fault it is.
class IssuerSource : public KeySource {
 public:
  explicit IssuerSource(OidcIssuerConfig issuer) : issuer_(std::move(issuer)), name_(issuer_source_name(issuer_)) {}

  [[nodiscard]] const std::string& name() const noexcept override { return name_; }

 protected:
  [[nodiscard]] const OidcIssuerConfig& issuer() const noexcept { return issuer_; }
  [[nodiscard]] Error failed(const Error& error) const {
    return {error.reason, "failed to refresh OIDC provider from issuer " + issuer_.issuer + ": " + error.detail};
  }
  [[nodiscard]] Result<ParsedKeys> narrowed(Result<ParsedKeys> brought, const std::optional<AlgorithmSet>& listed) const {
    if (!brought) return failed(brought.error());
    ParsedKeys keys = narrow_keys(std::move(*brought), listed, configured_algorithms(issuer_));
    if (!keys.keys.empty()) return keys;
    const std::string why = keys.quarantined.empty() ? std::string() : ": " + keys.quarantined.front().error.detail;
    return failed({Reason::keys_empty, "no usable key, and " + std::to_string(keys.quarantined.size()) + " set aside" + why});
  }

 private:
  // set once
  const OidcIssuerConfig issuer_;
  const std::string name_;
};

class OfflineIssuer final : public IssuerSource {
 public:
  OfflineIssuer(const Files& files, OidcIssuerConfig issuer) : IssuerSource(std::move(issuer)), files_(files) {}

  [[nodiscard]] std::vector<std::string> watched_files() const override { return {*issuer().jwks_file}; }
  [[nodiscard]] Result<ParsedKeys> fetch(TimePoint /*now*/) override {
    const Result<std::string> text = files_.read(*issuer().jwks_file, kMostFileBytes);
    if (!text) return failed(text.error());
    Result<ParsedKeys> keys = read_jwks(*text, "");
    if (!keys) return failed({keys.error().reason, *issuer().jwks_file + ": " + keys.error().detail});
    return narrowed(std::move(keys), std::nullopt);
  }

 private:
  const Files& files_;
};

class OnlineIssuer final : public IssuerSource {
 public:
  OnlineIssuer(HttpTransport& http, const Files& files, OidcIssuerConfig issuer)
      : IssuerSource(std::move(issuer)),
        http_(http),
        files_(files),
        rules_{this->issuer().issuer, this->issuer().discovery_url, this->issuer().jwks_hosts} {}

  [[nodiscard]] std::vector<std::string> watched_files() const override { return {}; }

  [[nodiscard]] Result<ParsedKeys> fetch(TimePoint now) override {
    Result<JwksFetch::Options> options = read_options();
    if (!options) return failed(options.error());
    // A clock that was set back is no reason to believe a document longer.
    const bool known = document_ && now >= discovered_ && now - discovered_ < kDiscoveryServes;
    if (!known) {
      Result<Discovery> found = discover(*options);
      document_.reset();
      if (!found) return failed(found.error());
      document_ = std::move(*found);
      discovered_ = now;
    }
    Result<ParsedKeys> keys = narrowed(jwks_.fetch(http_, document_->jwks_uri, *options, now), document_->algorithms);
    if (!keys) document_.reset();
    return keys;
  }

 private:
  [[nodiscard]] Result<JwksFetch::Options> read_options() const {
    JwksFetch::Options options;
    options.ca_pem = issuer().certificate_authority;
    if (issuer().certificate_authority_file) {
      Result<std::string> pem = files_.read(*issuer().certificate_authority_file, kMostFileBytes);
      if (!pem) return Error{pem.error().reason, "failed to read certificate authority file: " + pem.error().detail};
      options.ca_pem = std::move(*pem);
    }
    if (issuer().discovery_token_file) {
      Result<std::string> token = files_.read(*issuer().discovery_token_file, kMostTokenBytes);
      if (!token) return Error{token.error().reason, "discoveryTokenFile: " + token.error().detail};
      while (!token->empty() && (token->back() == '\n' || token->back() == '\r' || token->back() == ' ')) token->pop_back();
      if (token->empty() || !std::all_of(token->begin(), token->end(), [](char c) { return c > ' ' && c <= '~'; }))
        return Error{Reason::io_failed, "discoveryTokenFile: " + *issuer().discovery_token_file + " holds no token"};
      options.bearer = std::move(*token);
    }
    return options;
  }

  [[nodiscard]] Result<Discovery> discover(const JwksFetch::Options& options) const {
    OutgoingRequest request;
    request.method = "GET";
    request.url = discovery_location(rules_);
    request.headers = {{"Accept", "application/json"}};
    if (options.bearer) request.headers.emplace_back("Authorization", "Bearer " + *options.bearer);
    request.body_limit = kDiscoveryLimits.bytes;
    request.reachable = ReachableHosts::with_loopback;
    request.ca_pem = options.ca_pem;
    const Result<IncomingAnswer> answer = http_.send(request);
    if (!answer) return answer.error();
    if (answer->status != 200) return wrong_status(answer->status, options.bearer.has_value());
    return read_discovery(answer->body, rules_);
  }

  [[nodiscard]] static Error wrong_status(int status, bool sent_token) {
    std::string why = "discovery was answered with HTTP " + std::to_string(status);
    if (status >= 300 && status < 400) why += " (redirects are not followed)";
    if ((status == 401 || status == 403) && !sent_token) why += " (where it wants a token, set discoveryTokenFile)";
    return {Reason::io_failed, std::move(why)};
  }

  // set once
  HttpTransport& http_;
  const Files& files_;
  const DiscoveryRules rules_;
  // of the newest good discovery
  std::optional<Discovery> document_;
  TimePoint discovered_{};
  JwksFetch jwks_;
};

}  // namespace

std::string issuer_source_name(const OidcIssuerConfig& issuer) {
  return "oidc:" + issuer.issuer + (issuer.skip_issuer_verification ? " (any iss)" : "");
}

bool is_remote(const OidcIssuerConfig& issuer) noexcept { return !issuer.jwks_file.has_value(); }

ParsedKeys narrow_keys(ParsedKeys keys, const std::optional<AlgorithmSet>& listed, const std::optional<AlgorithmSet>& configured) {
  ParsedKeys narrowed;
  narrowed.quarantined = std::move(keys.quarantined);
  narrowed.origin = std::move(keys.origin);
  for (const Key& key : keys.keys) {
    AlgorithmSet allowed = algorithms_for(key.type());
    if (listed) allowed = allowed.intersect(*listed);
    if (configured) allowed = allowed.intersect(*configured);
    if (!listed && !configured && !key.names_algorithm()) allowed = {Algorithm::rs256};
    Key served = key.narrowed(allowed);
    if (served.algorithms().empty()) {
      narrowed.quarantined.push_back({key.id(), cannot_serve(key)});
    } else {
      narrowed.keys.push_back(std::move(served));
    }
  }
  return narrowed;
}

std::unique_ptr<KeySource> make_oidc_source(HttpTransport* http, const Files& files, OidcIssuerConfig issuer) {
  if (!is_remote(issuer)) return std::make_unique<OfflineIssuer>(files, std::move(issuer));
  if (http == nullptr) std::abort();  // the caller asked `is_remote`
  return std::make_unique<OnlineIssuer>(*http, files, std::move(issuer));
}

}  // namespace portcullis
