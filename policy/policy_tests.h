// The operator's own tests of the policies (`portcullis.policyTests`), answered by the rules that the gate decides with.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/reason.h"
#include "base/trace.h"
#include "config/load.h"
#include "config/policy_test.h"
#include "policy/policy.h"
#include "policy/route.h"

namespace portcullis {

/// What the rest of the configuration says that matters to a request.
struct PolicyTestContext {
  std::span<const ExtraRouteRule> extra_routes;
  RouteLimits route_limits{};
  bool strips_mount = false;  ///< `proxy.stripsMount`
};

/// What the policies answer to one test. Scopes of traditional tokens have no say: a test is about the policies.
struct PolicyTestAnswer {
  Reason reason = Reason::internal_error;
  Trace trace;
};
/// `Reason::bad_request`, with the member and what is wrong, where the test asks nothing that can be answered: a time that is none.
Result<PolicyTestAnswer> answer_policy_test(const PolicyTestConfig& test, const Policy& policy, const PolicyTestContext& context);

/// Runs every test. One error for each that fails, or that cannot be run: a time or a reason that is none, no `at` where a condition of the
/// policies reads `req.time`. The message names the test, both answers, and what would have made it the other.
std::vector<Finding> run_policy_tests(std::span<const PolicyTestConfig> tests, const Policy& policy, const PolicyTestContext& context);

}  // namespace portcullis
