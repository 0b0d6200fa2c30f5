// A Kubernetes API server of namespaces and secrets: checks tokens, rules, versions, selectors and field managers as the API's reference
// says.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "tests/fake_aws/message.h"
#include "tests/fake_kube/access.h"
#include "tests/fake_kube/store.h"

namespace portcullis::fake_kube {

using fake_aws::Answer;
using fake_aws::Request;

/// Something that goes wrong on purpose.
struct KubeFault {
  std::string verb;      ///< `list`; empty: any
  std::string resource;  ///< empty: any
  int status = 500;
  std::string message{};
  int times = 1;
};

/// Safe from many threads.
class Cluster {
 public:
  /// Answers one request of the API.
  Answer serve(const Request& request);
  /// The address for tests: `POST /control` with `{"user":…}`, `{"removeToken":…}`, `{"fault":…}`, `{"holdDeletion":NAMESPACE}`;
  /// `GET /control/calls` counts by verb and resource.
  Answer control(const Request& request);

  // The same for tests in the same process.
  void add_user(User user);
  void remove_token(const std::string& token);
  void add_fault(KubeFault fault);
  void add_namespace(const std::string& name, const std::map<std::string, std::string>& labels = {});
  void label_namespace(const std::string& name, const std::string& key, const std::string& value);
  void hold_deletion(const std::string& name);
  /// Puts a secret there as somebody else would.
  void add_secret(const std::string& space, const std::string& text);
  /// The object as JSON text, or empty. `secrets`, namespace, name.
  [[nodiscard]] std::string object(const ObjectKey& key) const;
  void remove(const ObjectKey& key);
  /// Names of the secrets of a namespace, sorted.
  [[nodiscard]] std::vector<std::string> secrets_in(const std::string& space) const;
  /// How often `verb` was asked of `resource`, refused calls included; empty: any.
  [[nodiscard]] int calls(const std::string& verb, const std::string& resource) const;

 private:
  Reply answer(const Request& request);
  const User* authenticate(const Request& request) const;
  const KubeFault* take_fault(const AccessQuestion& question);
  Reply command(const json_t* wishes);
  Reply counts() const;

  mutable std::mutex mutex_;
  Store store_;
  std::vector<User> users_;
  std::vector<KubeFault> faults_;
  std::map<std::pair<std::string, std::string>, int> calls_;
};

/// Reads `{"users":[…],"namespaces":[{"name":…,"labels":{…}}]}` into `cluster`. `Reason::json_malformed`.
Result<void> fill_cluster(Cluster& cluster, const std::string& text);

}  // namespace portcullis::fake_kube
