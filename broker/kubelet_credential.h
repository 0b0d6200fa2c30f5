// The kubelet's credential provider protocol (credentialprovider.kubelet.k8s.io/v1), pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "broker/login.h"

namespace portcullis {

/// Largest request, in bytes: an image, a token, and the annotations of a service account.
inline constexpr std::size_t kKubeletInputBytes = 256UL * 1024;

/// A CredentialProviderRequest.
struct KubeletRequest {
  std::string image;                            ///< as the pod names it
  std::string host;                             ///< of the image, lower case, with its port
  std::optional<Secret> service_account_token;  ///< of the pod's account, where the kubelet was told to send one
  std::string role_arn;                         ///< annotation `eks.amazonaws.com/role-arn` of the account; empty: none
};

/// Reads a request; members that are not known are skipped, as the API's rules want it. `Reason::bad_request` for JSON that is none,
/// another kind or version, or an image without a host name; the detail holds no token.
Result<KubeletRequest> read_kubelet_request(std::string_view text);

/// A CredentialProviderResponse with `login` for `host`, or, where that is null, with `"auth": null`: there are no credentials, and the
/// kubelet goes on without. It is kept for the whole registry (`cacheKeyType: Registry`), for half of what is left of the login, so that a
/// pull has the other half; 5 minutes where a login has no end; not at all where less than 2 minutes are left.
std::string kubelet_answer(std::string_view host, const RegistryLogin* login, TimePoint now);

}  // namespace portcullis
