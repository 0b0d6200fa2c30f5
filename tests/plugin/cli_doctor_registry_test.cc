#include "plugin/cli/doctor_registry.h"

#include <gtest/gtest.h>

#include "tests/support/chain_world.h"

namespace portcullis {
namespace {

using test::contains;

TEST(DoctorAdvice, FollowsTheStepAndTheCode) {
  const auto advice = [](const char* step, const char* code) { return doctor_advice(step, code, "somebody", "/config.json"); };
  for (const char* step : {"role", "jump role"}) EXPECT_TRUE(contains(advice(step, "AccessDenied"), "let somebody in")) << step;
  EXPECT_TRUE(contains(advice("password", "AccessDenied"), "prints the permissions that the role needs"));
  EXPECT_TRUE(contains(advice("password", "AccessDeniedException"), "prints the permissions that the role needs"));
  EXPECT_EQ(advice("exchange", "AccessDenied"), "");
  for (const char* code : {"InvalidClientTokenId", "UnrecognizedClientException"})
    EXPECT_TRUE(contains(advice("identity", code), "the access key was deleted")) << code;
  for (const char* code : {"SignatureDoesNotMatch", "InvalidSignatureException"})
    EXPECT_TRUE(contains(advice("identity", code), "compare the secret key, and the clock")) << code;
  EXPECT_TRUE(contains(advice("credentials", ""), "every source of the chain"));
  EXPECT_EQ(advice("identity", ""), "");
}

}  // namespace
}  // namespace portcullis
