// The expressions that bench/peers/cel.mjs evaluates too: both read them here by name.
#pragma once

#include <string_view>

namespace portcullis::bench {

/// How the product asks for the answer: a condition for a bool, a mapping for a text or for texts.
enum class CelAnswer { truth, text, texts };

struct CelSample {
  CelAnswer answer;
  std::string_view name;
  std::string_view source;
};

inline constexpr CelSample kCelSamples[] = {
    {CelAnswer::truth, "condition",
     "req.action != \"update\" || (req.tag != \"stable\" && req.user.groups.exists(g, g == \"dev\") && !req.auth.anonymous)"},
    {CelAnswer::text, "mapping", "claims.iss + \"/\" + claims.email.split(\"@\")[1]"},
    {CelAnswer::texts, "groups", "claims.groups.filter(g, g.startsWith(\"team-\")).map(g, g.substring(5))"},
    {CelAnswer::truth, "comparison", "claims.level >= 3.0 && claims.email_verified == true && claims.sub in [\"bob\", \"alice\"]"},
};

/// What all of them read.
inline constexpr std::string_view kCelData =
    R"({"claims": {"iss": "https://issuer.example", "sub": "alice", "email": "alice@example.com", "level": 3, "email_verified": true,
        "groups": ["team-blue", "ops", "team-green", "dev"]},
       "req": {"action": "update", "tag": "v1", "repository": "team/app", "method": "PUT", "user": {"username": "alice", "groups": ["ops", "dev"]},
        "auth": {"anonymous": false, "admin": false}}})";

}  // namespace portcullis::bench
