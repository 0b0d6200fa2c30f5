// The expressions that bench/peers/cel.mjs evaluates too: both read them here by name.
#pragma once

#include <string_view>

namespace portcullis::bench {

struct CelSample {
  std::string_view name;
  std::string_view source;
};

inline constexpr CelSample kCelSamples[] = {
    {"condition", "req.action != \"update\" || (req.tag != \"stable\" && req.user.groups.exists(g, g == \"dev\") && !req.auth.anonymous)"},
    {"mapping", "claims.iss + \"/\" + claims.email.split(\"@\")[1]"},
    {"groups", "claims.groups.filter(g, g.startsWith(\"team-\")).map(g, g.substring(5))"},
    {"comparison", "claims.level >= 3.0 && claims.email_verified == true && claims.sub in [\"bob\", \"alice\"]"},
};

/// What all of them read.
inline constexpr std::string_view kCelData =
    R"({"claims": {"iss": "https://issuer.example", "sub": "alice", "email": "alice@example.com", "level": 3, "email_verified": true,
        "groups": ["team-blue", "ops", "team-green", "dev"]},
       "req": {"action": "update", "tag": "v1", "repository": "team/app", "method": "PUT", "user": {"username": "alice", "groups": ["ops", "dev"]},
        "auth": {"anonymous": false, "admin": false}}})";

}  // namespace portcullis::bench
