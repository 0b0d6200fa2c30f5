// Brings the secrets of one pull secret to the namespaces that it picks, and takes them away where it no longer does.
#pragma once

#include <map>
#include <set>
#include <string>

#include "broker/kubernetes/kube_api.h"
#include "broker/pull_secret/ownership.h"
#include "broker/pull_secret/report.h"
#include "broker/pull_secret/secret_set.h"

namespace portcullis {

/// One for one pull secret. Remembers what it wrote, so that a round in which nothing changed only reads. Not safe from many threads.
class KubeDelivery {
 public:
  /// Both outlive it.
  KubeDelivery(KubeApi& api, const PullSecretConfig& pull_secret) : api_(api), pull_secret_(pull_secret) {}

  /// One round: namespaces and secrets as they are, then every step of the plan; counts and problems go to `report`. Without `set` (there
  /// is no login now) nothing is written, and what is no longer wanted is removed all the same. What cannot be listed is left as it is.
  void deliver(const SecretSet* set, RoundReport& report);
  /// Removes everything that this pull secret made, wherever that can be seen.
  void remove_all(RoundReport& report);
  /// The data are others from now on: everything is written again.
  void forget() { written_.clear(); }

 private:
  struct Selection {
    std::set<std::string> spaces;
    std::set<std::string> going;
  };

  std::optional<Selection> select(RoundReport& report);
  std::optional<std::vector<KubeObject>> see(const std::set<std::string>& spaces, RoundReport& report);
  bool see_in(const std::optional<std::string>& space, std::vector<KubeObject>& seen, KubeListing& failed);
  void take(const SecretAction& action, const SecretSet* set, RoundReport& report);
  void create(const SecretAction& action, const SecretSet& set, RoundReport& report);
  bool apply(const SecretAction& action, const SecretSet& set, RoundReport& report);
  void remove(const SecretAction& action, RoundReport& report);

  KubeApi& api_;
  const PullSecretConfig& pull_secret_;
  std::map<SecretPlace, WrittenSecret> written_;
  bool own_spaces_only_ = false;  ///< the role reads no secrets of the whole cluster
};

}  // namespace portcullis
