// Secrets as Kubernetes reads them: the texts that are applied, and the marks by which ours are known again.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/secret.h"
#include "broker/kubernetes/kube_object.h"
#include "broker/pull_secret/contents.h"
#include "config/broker.h"

namespace portcullis {

// The marks. `.internal` is nobody's domain (ICANN keeps it for private use), so that no other tool's label can be meant.
inline constexpr std::string_view kManagedByLabel = "app.kubernetes.io/managed-by";
inline constexpr std::string_view kManagedBy = "portcullis";
inline constexpr std::string_view kOwnerLabel = "portcullis.internal/pull-secret";        ///< name of the pull secret
inline constexpr std::string_view kUidAnnotation = "portcullis.internal/uid";             ///< of the secret itself: a copy has another
inline constexpr std::string_view kTypeAnnotation = "portcullis.internal/type";           ///< "docker" or "generic"
inline constexpr std::string_view kRenewedAnnotation = "portcullis.internal/renewed-at";  ///< RFC 3339
inline constexpr std::string_view kExpiresAnnotation = "portcullis.internal/expires-at";  ///< RFC 3339; absent: never
/// In `kUidAnnotation` between creation, when nobody knows the UID, and the first apply. Such a secret holds no login.
inline constexpr std::string_view kUidPending = "pending";

/// The labels by which the API finds everything that the pull secret `owner` made.
std::string owned_selector(std::string_view owner);
/// Whether `secret` was made for the pull secret `owner`: both labels, and its own UID as it was recorded (or `kUidPending`). A copy that
/// somebody made of ours, labels and all, is not ours.
bool is_owned(const KubeObject& secret, std::string_view owner);

/// When the login in a secret was had, and when it ends.
struct LoginTimes {
  TimePoint renewed;
  std::optional<TimePoint> expires;
};

/// The text that creates an empty secret of ours: name, marks and type; for `docker` an empty list of logins, without which Kubernetes
/// takes none.
std::string creation_manifest(const PullSecretConfig& pull_secret, const GeneratedSecretConfig& secret);
/// The text that is applied to `object`, which is ours: metadata as configured, marks, times and data; uid and resourceVersion see to it
/// that nothing else is changed.
Secret apply_manifest(const PullSecretConfig& pull_secret, const KubeObject& object, const SecretData& data, const LoginTimes& times);
/// One of the manifests on standard output, for `kubectl apply`: with the labels and annotations that are configured, and without marks of
/// ours but `kManagedByLabel`: what is made by hand is never removed by us. `space` empty: kubectl's namespace.
Secret printed_manifest(const PullSecretConfig& pull_secret, std::string_view name, std::string_view space, const SecretData& data,
                        const LoginTimes& times);

}  // namespace portcullis
