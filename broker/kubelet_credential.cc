#include "broker/kubelet_credential.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/codec/json.h"
#include "base/codec/json_writer.h"
#include "broker/registry_choice.h"

namespace portcullis {
namespace {

using std::chrono::seconds;

constexpr JsonLimits kLimits{.bytes = kKubeletInputBytes, .depth = 8, .members = 1000};
constexpr std::string_view kVersion = "credentialprovider.kubelet.k8s.io/v1";
constexpr seconds kWithoutEnd(300);
constexpr seconds kTooShort(120);

Error bad(std::string text) { return {Reason::bad_request, "CredentialProviderRequest: " + std::move(text)}; }

seconds kept_for(const RegistryLogin& login, TimePoint now) {
  if (!login.expires) return kWithoutEnd;
  const auto left = std::chrono::floor<seconds>(*login.expires - now);
  return left < kTooShort ? seconds(0) : left / 2;
}

}  // namespace

Result<KubeletRequest> read_kubelet_request(std::string_view text) {
  const auto json = parse_json(text, kLimits);
  if (!json) return bad("is " + json.error().detail);
  const JsonView root = json->root();
  if (root.get("kind").string() != "CredentialProviderRequest" || root.get("apiVersion").string() != kVersion) {
    return bad("kind and apiVersion must be CredentialProviderRequest and " + std::string(kVersion) +
               ": set the provider's apiVersion to it");
  }
  const auto image = root.get("image").string();
  const auto host = image && !image->empty() ? host_of_image(*image) : std::nullopt;
  if (!host) return bad("image must be the name of an image");
  KubeletRequest request{.image = std::string(*image), .host = *host, .service_account_token = {}, .role_arn = {}};
  const JsonView token = root.get("serviceAccountToken");
  if (token.exists() && !token.string()) return bad("serviceAccountToken must be a string");
  if (token.string() && !token.string()->empty()) request.service_account_token = Secret(std::string(*token.string()));
  request.role_arn = root.get("serviceAccountAnnotations").get("eks.amazonaws.com/role-arn").string().value_or("");
  return request;
}

std::string kubelet_answer(std::string_view host, const RegistryLogin* login, TimePoint now) {
  const seconds kept = login == nullptr ? seconds(0) : kept_for(*login, now);
  JsonWriter json;
  json.begin_object().key("kind").string("CredentialProviderResponse").key("apiVersion").string(kVersion);
  json.key("cacheKeyType").string("Registry").key("cacheDuration").string(std::to_string(kept.count()) + "s").key("auth");
  if (login == nullptr) {
    json.null();
  } else {
    json.begin_object().key(host).begin_object().key("username").string(login->user);
    json.key("password").string(login->password.text().reveal()).end_object().end_object();
  }
  return std::move(json.end_object()).text();
}

}  // namespace portcullis
