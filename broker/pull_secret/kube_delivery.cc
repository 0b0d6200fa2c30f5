#include "broker/pull_secret/kube_delivery.h"

#include <utility>

#include "broker/kubernetes/label_selector.h"
#include "broker/pull_secret/manifest.h"

namespace portcullis {
namespace {

using Verdict = KubeOutcome::Verdict;

std::string text_of(const SecretPlace& place) { return place.first + "/" + place.second; }

void add_problem(RoundReport& report, std::string where, std::string what, bool is_fault = true) {
  report.problems.push_back({.where = std::move(where), .what = std::move(what), .is_fault = is_fault});
}

std::string with_advice(Verdict verdict, const std::string& detail) {
  if (verdict != Verdict::forbidden) return detail;
  return detail + ". Give our service account the rules of examples/kubernetes/pull-secrets.yaml";
}

std::string foreign_text(const KubeObject& secret) {
  return secret.labels.contains(std::string(kOwnerLabel))
             ? "a copy of ours, or the secret of another pull secret, stands there; it is left alone. Delete or rename one of them"
             : "a secret of that name that is not ours stands there; it is left alone. Delete or rename one of them";
}

}  // namespace

std::optional<KubeDelivery::Selection> KubeDelivery::select(RoundReport& report) {
  Selection selection;
  selection.spaces.insert(pull_secret_.namespaces.begin(), pull_secret_.namespaces.end());
  const std::string selector = label_selector(pull_secret_.match_labels, pull_secret_.match_expressions);
  if (selector.empty()) {
    if (selection.spaces.empty()) selection.spaces.insert(api_.access().space);
    return selection;
  }
  const KubeListing listing = api_.namespaces(selector);
  if (listing.verdict != Verdict::done) {
    add_problem(report, "namespaces", with_advice(listing.verdict, listing.detail));
    return std::nullopt;
  }
  for (const KubeObject& space : listing.objects) {
    selection.spaces.insert(space.name);
    if (space.going) selection.going.insert(space.name);
  }
  // Not the way of everything being in order: a typing error in a label would be silent.
  if (listing.objects.empty()) add_problem(report, "namespaces", "no namespace has the labels " + selector, false);
  return selection;
}

bool KubeDelivery::see_in(const std::optional<std::string>& space, std::vector<KubeObject>& seen, KubeListing& failed) {
  const auto take_over = [&](KubeListing listing) {
    if (listing.verdict != Verdict::done) {
      failed = std::move(listing);
      return false;
    }
    seen.insert(seen.end(), std::make_move_iterator(listing.objects.begin()), std::make_move_iterator(listing.objects.end()));
    return true;
  };
  if (!take_over(api_.secrets_labelled(space, owned_selector(pull_secret_.name)))) return false;
  for (const GeneratedSecretConfig& secret : pull_secret_.secrets) {
    if (!take_over(api_.secrets_called(space, secret.name))) return false;
  }
  return true;
}

std::optional<std::vector<KubeObject>> KubeDelivery::see(const std::set<std::string>& spaces, RoundReport& report) {
  std::vector<KubeObject> seen;
  KubeListing failed;
  if (!own_spaces_only_) {
    if (see_in(std::nullopt, seen, failed)) return seen;
    const bool selects = !pull_secret_.match_labels.empty() || !pull_secret_.match_expressions.empty();
    if (failed.verdict != Verdict::forbidden || selects) {
      add_problem(report, "secrets", with_advice(failed.verdict, failed.detail));
      return std::nullopt;
    }
    // Namespaces by name need no more than a role in each: what was made in others is not seen then.
    own_spaces_only_ = true;
  }
  seen.clear();
  for (const std::string& space : spaces) {
    if (see_in(space, seen, failed)) continue;
    add_problem(report, space, with_advice(failed.verdict, failed.detail));
    return std::nullopt;
  }
  return seen;
}

void KubeDelivery::deliver(const SecretSet* set, RoundReport& report) {
  const auto selection = select(report);
  if (!selection) return;
  const auto seen = see(selection->spaces, report);
  if (!seen) return;
  const auto plan = plan_secrets(
      {.pull_secret = pull_secret_, .spaces = selection->spaces, .going = selection->going, .seen = *seen, .written = written_});
  for (const SecretAction& action : plan) take(action, set, report);
}

void KubeDelivery::remove_all(RoundReport& report) {
  own_spaces_only_ = false;
  const auto selection = select(report);
  const auto seen = see(selection ? selection->spaces : std::set<std::string>{}, report);
  if (!seen) return;
  const std::set<std::string> nowhere;
  for (const SecretAction& action :
       plan_secrets({.pull_secret = pull_secret_, .spaces = nowhere, .going = nowhere, .seen = *seen, .written = written_})) {
    take(action, nullptr, report);
  }
}

void KubeDelivery::take(const SecretAction& action, const SecretSet* set, RoundReport& report) {
  switch (action.step) {
    case SecretStep::create:
      if (set != nullptr) create(action, *set, report);
      return;
    case SecretStep::apply:
      if (set != nullptr && apply(action, *set, report)) ++report.counts.renewed;
      return;
    case SecretStep::remove: return remove(action, report);
    case SecretStep::keep: ++report.counts.kept; return;
    case SecretStep::leave: ++report.counts.foreign; return add_problem(report, text_of(action.place), foreign_text(action.object), false);
  }
}

void KubeDelivery::create(const SecretAction& action, const SecretSet& set, RoundReport& report) {
  const GeneratedSecretConfig secret{.name = action.place.second, .type = action.type};
  KubeOutcome created = api_.create_secret(action.place.first, creation_manifest(pull_secret_, secret));
  if (created.verdict != Verdict::done) return add_problem(report, text_of(action.place), with_advice(created.verdict, created.detail));
  // Now it has a UID, which is recorded together with the data.
  const SecretAction made{.step = SecretStep::apply, .place = action.place, .type = action.type, .object = std::move(created.object)};
  if (apply(made, set, report)) ++report.counts.created;
}

bool KubeDelivery::apply(const SecretAction& action, const SecretSet& set, RoundReport& report) {
  const Secret manifest = apply_manifest(pull_secret_, action.object, set.data.at(action.type), set.times);
  const KubeOutcome outcome = api_.apply_secret(action.place.first, action.place.second, std::string(manifest.reveal()));
  if (outcome.verdict != Verdict::done) {
    add_problem(report, text_of(action.place), with_advice(outcome.verdict, outcome.detail));
    return false;
  }
  written_.insert_or_assign(action.place, WrittenSecret{.uid = outcome.object.uid, .version = outcome.object.version});
  return true;
}

void KubeDelivery::remove(const SecretAction& action, RoundReport& report) {
  const KubeOutcome outcome = api_.remove_secret(action.object);
  written_.erase(action.place);
  if (outcome.verdict == Verdict::done) {
    ++report.counts.removed;
  } else if (outcome.verdict != Verdict::missing) {
    add_problem(report, text_of(action.place), with_advice(outcome.verdict, outcome.detail));
  }
}

}  // namespace portcullis
