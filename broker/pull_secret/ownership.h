// Which secrets are made, renewed and removed: a pure answer from what is wanted and what the API has.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "broker/kubernetes/kube_object.h"
#include "config/broker.h"

namespace portcullis {

/// Namespace and name.
using SecretPlace = std::pair<std::string, std::string>;

/// What stands somewhere, as the API answered when it was written with the data that are wanted now.
struct WrittenSecret {
  std::string uid;
  std::string version;
};

struct OwnershipQuestion {
  const PullSecretConfig& pull_secret;
  const std::set<std::string>& spaces;                  ///< namespaces that are selected, or named
  const std::set<std::string>& going;                   ///< namespaces whose deletion has begun: nothing can be made there
  const std::vector<KubeObject>& seen;                  ///< every secret with the labels of this pull secret, or with one of its names
  const std::map<SecretPlace, WrittenSecret>& written;  ///< by this process
};

enum class SecretStep {
  create,  ///< nothing is there
  apply,   ///< `object` is ours and may hold old data
  remove,  ///< `object` is ours and no longer wanted, or of the other type, which Kubernetes never changes
  keep,    ///< `object` is ours and is what we wrote last
  leave,   ///< `object` is somebody else's: a secret of that name, or a copy of ours, labels and all
};

struct SecretAction {
  SecretStep step = SecretStep::leave;
  SecretPlace place;
  GeneratedSecretConfig::Type type = GeneratedSecretConfig::Type::docker;  ///< of what is wanted; not of `remove`
  KubeObject object{};                                                     ///< not of `create`
};

/// The steps, removals first, then in the order of namespaces and names. A wanted place has one `create`, `apply`, `keep` or `leave`, or a
/// `remove` and a `create` where its type changed; every owned secret elsewhere has a `remove`. What is going already is not removed again,
/// and nothing is made in its place until it is gone.
std::vector<SecretAction> plan_secrets(const OwnershipQuestion& question);

}  // namespace portcullis
