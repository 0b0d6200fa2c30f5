#include "broker/pull_secret/ownership.h"

#include <algorithm>
#include <optional>

#include "broker/pull_secret/contents.h"
#include "broker/pull_secret/manifest.h"

namespace portcullis {
namespace {

using Type = GeneratedSecretConfig::Type;

bool has_type(const KubeObject& secret, Type type) {
  const auto found = secret.annotations.find(std::string(kTypeAnnotation));
  return found != secret.annotations.end() && found->second == secret_type_name(type);
}

bool is_as_written(const OwnershipQuestion& question, const SecretPlace& place, const KubeObject& secret) {
  const auto found = question.written.find(place);
  return found != question.written.end() && found->second.uid == secret.uid && found->second.version == secret.version;
}

/// What becomes of a wanted place; nothing where it has to wait.
std::optional<SecretAction> wanted_step(const OwnershipQuestion& question, const SecretPlace& place, Type type, const KubeObject* there) {
  if (question.going.contains(place.first)) return std::nullopt;
  if (there == nullptr) return SecretAction{.step = SecretStep::create, .place = place, .type = type};
  SecretAction action{.step = SecretStep::leave, .place = place, .type = type, .object = *there};
  if (!is_owned(*there, question.pull_secret.name)) return action;
  if (there->going) return std::nullopt;
  if (!has_type(*there, type)) {
    action.step = SecretStep::remove;
  } else {
    action.step = is_as_written(question, place, *there) ? SecretStep::keep : SecretStep::apply;
  }
  return action;
}

}  // namespace

std::vector<SecretAction> plan_secrets(const OwnershipQuestion& question) {
  std::map<SecretPlace, const KubeObject*> there;
  for (const KubeObject& secret : question.seen) there.emplace(SecretPlace{secret.space, secret.name}, &secret);
  std::map<SecretPlace, Type> wanted;
  for (const std::string& space : question.spaces) {
    for (const GeneratedSecretConfig& secret : question.pull_secret.secrets) wanted.emplace(SecretPlace{space, secret.name}, secret.type);
  }
  std::vector<SecretAction> plan;
  for (const auto& [place, secret] : there) {
    if (wanted.contains(place) || secret->going || !is_owned(*secret, question.pull_secret.name)) continue;
    plan.push_back({.step = SecretStep::remove, .place = place, .object = *secret});
  }
  for (const auto& [place, type] : wanted) {
    const auto found = there.find(place);
    auto action = wanted_step(question, place, type, found == there.end() ? nullptr : found->second);
    if (!action) continue;
    plan.push_back(*action);
    // A secret of the other type makes room at once.
    if (action->step == SecretStep::remove) plan.push_back({.step = SecretStep::create, .place = place, .type = type});
  }
  std::stable_partition(plan.begin(), plan.end(), [](const SecretAction& action) { return action.step == SecretStep::remove; });
  return plan;
}

}  // namespace portcullis
