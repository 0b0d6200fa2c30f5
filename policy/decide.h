// May this caller do this to that repository? Pure: the one answer of the policies, with the rule that gave it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/trace.h"
#include "policy/cel/value.h"
#include "policy/policy.h"
#include "policy/request_facts.h"
#include "policy/route.h"

namespace portcullis {

/// Whom a request speaks for. Views outlive the decision.
struct Caller {
  std::string_view username;  ///< empty: nobody that is known
  std::span<const std::string> groups;
  const cel::Value* claims = nullptr;  ///< for conditions; null: an empty map
};

/// What the policies say.
struct PolicyVerdict {
  bool granted = false;
  bool source_denied = false;  ///< of a mount: the destination is granted, the source is not
  bool wants_tags = false;     ///< refused, and knowing which of the tags exist (`RequestFacts::tags`) could change that
  RuleRef rule;                ///< what granted the last right, or denied; none where nothing granted
  std::string_view message;    ///< of the condition that did not hold, for the client; lives as long as the policy
};

/// Decides every right that `access` needs. zot's order: the ruling pattern's policies that name the user, then those that name a group,
/// then its `defaultPolicy` (known users), then `adminPolicy`, then its `anonymousPolicy` (no user name). Before all of that the denies of
/// every matching pattern. A condition that errs grants nothing, and lets a deny hold. The base route needs nothing; the catalog and extra
/// routes without a repository need the action on `**`, or admin, and a known caller. `trace` may be null; it gets the steps pattern, deny,
/// policy, default_policy, admin_policy, anonymous_policy, access and, where it is refused, flip: what would have changed the answer.
PolicyVerdict decide(const Policy& policy, const Caller& caller, const Access& access, const RequestFacts& facts, TimePoint now,
                     Trace* trace);

/// Tags that the request writes, whose existence `decide` would like to know: the path's, or those of `?tag=` of a push by digest. Views
/// into `access`.
std::span<const std::string> written_tags(const Access& access) noexcept;

}  // namespace portcullis
