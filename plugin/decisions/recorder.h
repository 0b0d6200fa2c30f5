// What a request thread knows of a decision, as a record.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "plugin/decisions/record.h"
#include "plugin/gate.h"
#include "plugin/http/message.h"
#include "plugin/state.h"
#include "policy/policy.h"
#include "policy/request_facts.h"

namespace portcullis {

/// Texts that a record borrows and that stand nowhere else.
struct RecordScratch {
  std::string groups;
  std::string tags;
  std::string existing_tags;
  std::string missing_tags;
  std::string forwarded_for;
  std::string claims;
  std::string absent_claims;
  // The rule's place, as long as the same one decides.
  std::uint64_t rule_generation = 0;
  RuleRef rule;
  std::string rule_path;
};

/// The record of an answer that holds a decision. `tags`: what the registry said; `now`: when it was decided. Duration and id are the
/// caller's. It borrows from all arguments. No token, no claim but those that conditions read, no header but the client's address and
/// scheme as configured, User-Agent and X-Forwarded-For.
DecisionRecord record_decision(const HttpRequest& request, const GateAnswer& given, const State& state, std::span<const TagFact> tags,
                               TimePoint now, RecordScratch& scratch);

}  // namespace portcullis
