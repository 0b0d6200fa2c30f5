#include "policy/access_claim.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace portcullis {
namespace {

enum class Fit { granted, other_resource, expired, action_missing };

bool type_fits(std::string_view entry, std::string_view need) noexcept {
  return entry == need || (need == "repository" && entry == "repository(plugin)");
}

/// How one entry meets one need. An empty name or action is never granted: it stands for a mount's source that nobody may read.
Fit fit_of(const AccessEntry& entry, const Need& need, TimePoint now) noexcept {
  if (need.name.empty() || need.action.empty() || !type_fits(entry.type, need.type) || entry.name != need.name) return Fit::other_resource;
  if (entry.expires && now >= *entry.expires) return Fit::expired;
  const bool has_action = std::any_of(entry.actions.begin(), entry.actions.end(),
                                      [&](const std::string& action) { return action == need.action || action == "*"; });
  return has_action ? Fit::granted : Fit::action_missing;
}

bool is_granted(const VerifiedToken& token, const Need& need, TimePoint now) noexcept {
  if (!token.access) return false;
  return std::any_of(token.access->begin(), token.access->end(),
                     [&](const AccessEntry& entry) { return fit_of(entry, need, now) == Fit::granted; });
}

/// `access[2] has expired`.
std::string about_entry(std::size_t index, std::string_view what) {
  std::string text = "access[";
  return text.append(std::to_string(index)).append("]").append(what);
}

/// What stands nearest to a grant among the token's entries.
std::string nearest_entry(const std::vector<AccessEntry>& entries, const Need& need, TimePoint now) {
  std::string nearest = "no entry names this " + need.type;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    switch (fit_of(entries[i], need, now)) {
      case Fit::granted: return "granted by " + about_entry(i, "");
      case Fit::other_resource: break;
      case Fit::expired: nearest = about_entry(i, " has expired"); break;
      case Fit::action_missing: nearest = about_entry(i, " does not list the action"); break;
    }
  }
  return nearest;
}

/// For the trace.
std::string explain_need(const VerifiedToken& token, const Need& need, TimePoint now) {
  std::string text = need.type;
  text.append(":").append(need.name.empty() ? "?" : need.name).append(":").append(need.action).append(": ");
  if (need.name.empty()) return text.append("the mount names no source that can be judged");
  if (!token.access) return text.append("the token has no access claim");
  return text.append(nearest_entry(*token.access, need, now));
}

}  // namespace

Result<void> check_access_claim(const VerifiedToken& token, const Access& access, TimePoint now, Trace* trace) {
  if (trace != nullptr && access.needs.empty()) trace->add("scope", true, "nothing but a valid token is needed");
  std::optional<Reason> refusal;
  for (std::size_t i = 0; i < access.needs.size(); ++i) {
    const bool granted = is_granted(token, access.needs[i], now);
    if (trace != nullptr) trace->add("scope", granted, explain_need(token, access.needs[i], now));
    if (!granted && !refusal) refusal = i == 0 ? Reason::scope_insufficient : Reason::mount_source_denied;
  }
  if (refusal) return Error{*refusal, "the access claim does not grant what the route needs"};
  return {};
}

}  // namespace portcullis
