// A client of the Kubernetes API for namespaces and secrets: only their metadata is ever read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/codec/form.h"
#include "base/io/environment.h"
#include "base/io/files.h"
#include "base/io/http.h"
#include "base/result.h"
#include "broker/kubernetes/kube_object.h"

namespace portcullis {

/// Where the API is, and as whom it is asked.
struct KubeAccess {
  std::string server;      ///< `https://HOST:PORT`, without a slash behind it
  std::string token_file;  ///< read at each call: a bound token is replaced about once an hour
  std::string ca_file;     ///< the only authority that is trusted
  std::string space;       ///< the namespace that we run in
};

/// Where a pod finds its service account.
inline constexpr const char* kServiceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/// The access of a pod: KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT (443 without it), and `token`, `ca.crt` and `namespace` of
/// `folder`. `Reason::config_invalid` where this is no pod, or its service account is not mounted.
Result<KubeAccess> in_cluster_access(const Environment& environment, const Files& files, const std::string& folder = kServiceAccountFolder);

/// How a call ended that may be refused for a reason that the caller knows what to do with.
struct KubeOutcome {
  enum class Verdict {
    done,       ///< `object` is what stands there now; empty after a deletion
    missing,    ///< 404
    conflict,   ///< 409: something of that name exists, or it changed or went since it was looked at
    forbidden,  ///< 401 or 403
    failed,     ///< anything else, no answer included
  } verdict = Verdict::failed;
  KubeObject object{};
  std::string detail{};  ///< for the log, where it is not `done`
};

/// Objects, or why not.
struct KubeListing {
  KubeOutcome::Verdict verdict = KubeOutcome::Verdict::failed;
  std::vector<KubeObject> objects{};  ///< of all pages, where it is `done`
  std::string detail{};
};

/// Every write names `kFieldManager`. Safe from many threads, as its transport is; each call blocks, and ends within 30 seconds.
class KubeApi {
 public:
  static constexpr const char* kFieldManager = "portcullis";

  /// References outlive the client.
  KubeApi(HttpTransport& http, const Files& files, KubeAccess access);

  /// Namespaces that `selector` picks (see `label_selector`).
  [[nodiscard]] KubeListing namespaces(const std::string& selector);
  /// Secrets in `space`, or in all namespaces, that `selector` picks; or those called `name`, whosever they are.
  [[nodiscard]] KubeListing secrets_labelled(const std::optional<std::string>& space, const std::string& selector);
  [[nodiscard]] KubeListing secrets_called(const std::optional<std::string>& space, const std::string& name);
  /// Creates the secret `manifest` (JSON). `conflict` where one of its name stands there.
  [[nodiscard]] KubeOutcome create_secret(const std::string& space, const std::string& manifest);
  /// Server-side apply of `manifest`, which names uid and resourceVersion: `conflict` where another object stands there now, or it changed.
  [[nodiscard]] KubeOutcome apply_secret(const std::string& space, const std::string& name, const std::string& manifest);
  /// Deletes the secret if it is still that object in that version; `conflict` where it is not.
  [[nodiscard]] KubeOutcome remove_secret(const KubeObject& object);

  [[nodiscard]] const KubeAccess& access() const noexcept { return access_; }

 private:
  struct Call {
    std::string method;
    std::string path;
    std::string type{};  ///< of the body
    std::string body{};
    std::string accept = "application/json";
  };

  Result<IncomingAnswer> send(const Call& call);
  KubeOutcome change(const Call& call);
  KubeListing list(const std::string& path, const FormFields& picks);

  HttpTransport& http_;
  const Files& files_;
  const KubeAccess access_;
};

}  // namespace portcullis
