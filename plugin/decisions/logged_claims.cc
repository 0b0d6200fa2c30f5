#include "plugin/decisions/logged_claims.h"

#include <algorithm>

#include "base/codec/json_writer.h"

namespace portcullis {
namespace {

void add_rule(const PolicyRule& rule, LoggedClaims& found) {
  for (const Condition& condition : rule.conditions) {
    if (!reads_claims(condition.fields)) continue;
    const auto names = condition.expression.reads_below("req", "claims");
    if (names)
      found.names.insert(found.names.end(), names->begin(), names->end());
    else
      found.all = true;
  }
}

}  // namespace

void LoggedClaims::add(const LoggedClaims& other) {
  all = all || other.all;
  names.insert(names.end(), other.names.begin(), other.names.end());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

bool LoggedClaims::are_in(JsonView claims, const std::vector<std::string_view>& absent) const {
  return !all && std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    return claims.get(name).exists() || std::find(absent.begin(), absent.end(), name) != absent.end();
  });
}

LoggedClaims claims_read_by(const Policy& policy) {
  LoggedClaims found;
  for (const RepositoryRules& repository : policy.repositories())
    for (const PolicyRule& rule : repository.policies()) add_rule(rule, found);
  if (policy.admin() != nullptr) add_rule(*policy.admin(), found);
  std::sort(found.names.begin(), found.names.end());
  found.names.erase(std::unique(found.names.begin(), found.names.end()), found.names.end());
  return found;
}

std::string pick_claims(const cel::Value& claims, const LoggedClaims& wanted, std::vector<std::string>& absent) {
  absent.clear();
  if (wanted.names.empty()) return {};
  JsonWriter json;
  json.begin_object();
  bool some = false;
  for (const std::string& name : wanted.names) {
    const cel::Value* const claim = claims.member(name);
    if (claim == nullptr) {
      absent.push_back(name);
    } else {
      json.key(name).raw(cel::value_to_json(*claim));
      some = true;
    }
  }
  json.end_object();
  return some ? std::move(json).text() : std::string();
}

}  // namespace portcullis
