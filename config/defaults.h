// Every number that Portcullis chooses for an operator who did not, and the bounds of what an operator may choose, each with its reason.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

#include "config/config.h"

namespace portcullis {

/// What a setting may be; both ends belong to it.
struct CountBounds {
  std::size_t least;
  std::size_t most;
};
struct DurationBounds {
  Duration least;
  Duration most;
};

namespace defaults {

using namespace std::chrono_literals;

inline constexpr std::size_t kKibibyte = 1024;

// The file itself.

/// A policy of a hundred thousand patterns fits; more is a mistake, such as the path of an image.
inline constexpr std::size_t kFileBytes = 64 * kKibibyte * kKibibyte;
/// The deepest setting lies nine levels down; twice that and more would be an attack on the parser.
inline constexpr std::size_t kFileDepth = 24;
/// A hundred thousand patterns with a few policies each.
inline constexpr std::size_t kFileMembers = 4'000'000;

// Where we listen.

/// zot's own default of `http.address`.
inline constexpr std::string_view kHttpAddress = "127.0.0.1";
/// zot's own default of `http.port`.
inline constexpr std::string_view kHttpPort = "8080";
/// Health, metrics and status are for this host unless the operator says otherwise.
inline constexpr std::string_view kAdmin = "127.0.0.1:9181";
/// `sun_path` holds 108 bytes with its NUL (unix(7)).
inline constexpr std::size_t kUnixPathBytes = 107;
/// Longer than any path that open(2) takes (PATH_MAX with its NUL is 4096).
inline constexpr std::size_t kPathBytes = 4095;

// Threads. 0: one a core; 256 is more than a machine has use for.
inline constexpr std::size_t kWorkers = 0;
inline constexpr CountBounds kWorkersBounds{0, 256};

// The challenge: it has to fit, with scopes, into one header within nginx's default buffer of 4 KiB.
inline constexpr std::size_t kRealmBytes = 1024;
inline constexpr std::size_t kServiceBytes = 256;

// Keys.

/// A day: long enough to sleep through an outage of the source, short enough that a removed key does not live on unseen.
inline constexpr Duration kMaxStale = 24h;
inline constexpr DurationBounds kMaxStaleBounds{1s, 365 * 24h};
/// How long a request with an unknown key id may wait for a round; a client's patience is longer. A round takes far less as a rule.
inline constexpr Duration kKeysWait = 2s;
inline constexpr DurationBounds kKeysWaitBounds{0s, 60s};
/// Least time between two rounds that requests ask for; 1 s at least, or a flood of random key ids becomes a flood at the source.
inline constexpr Duration kRefetchCooldown = 10s;
inline constexpr DurationBounds kRefetchCooldownBounds{1s, 1h};
/// How often a remote source is read again: zot's default. A new key serves, and a removed one is refused, within it.
inline constexpr Duration kRefreshInterval = 1min;
/// 0 is the default, as in zot; more than one call a second costs money and finds nothing.
inline constexpr DurationBounds kRefreshIntervalBounds{0s, 24h};
inline constexpr Duration kLeastRefreshInterval = 1s;
/// Of an OIDC issuer, which is somebody else's server.
inline constexpr DurationBounds kIssuerIntervalBounds{10s, 24h};
/// The system's own bundle has 200 KB.
inline constexpr std::size_t kAuthorityBytes = kKibibyte * kKibibyte;
/// As many issuers as Kubernetes takes; each has a thread and a connection.
inline constexpr std::size_t kMostIssuers = 64;
/// What stands in AWS's audit trail for the role that reads the secret.
inline constexpr std::string_view kSessionName = "portcullis";
/// What STS takes for a role's session.
inline constexpr DurationBounds kSessionDurationBounds{15min, 12h};
/// The version that AWS gives to whoever names none.
inline constexpr std::string_view kVersionStage = "AWSCURRENT";
/// Each is a call in each round; two or three are of use.
inline constexpr std::size_t kMostVersionStages = 8;

// Tokens.

/// Clocks kept by NTP differ by much less; RFC 7519 section 4.1.4 allows "no more than a few minutes".
inline constexpr Duration kLeeway = 10s;
inline constexpr DurationBounds kLeewayBounds{0s, 5min};
/// A lifetime under a second would refuse every token; ten years is no bound any more.
inline constexpr DurationBounds kMaxLifetimeBounds{1s, 3650 * 24h};
/// A prefix travels in every answer's headers.
inline constexpr std::size_t kPrefixBytes = 128;

// Policies.

/// It is told to the client in `X-Portcullis-Error`, which stays under 1 KiB, escaped.
inline constexpr std::size_t kConditionMessageBytes = 256;

// The broker.

/// What stands in the audit trails of the accounts whose roles are assumed.
inline constexpr std::string_view kSessionPrefix = "portcullis-ecr";
/// With 30 letters of a host and milliseconds behind it, it stays under STS's 64.
inline constexpr std::size_t kSessionPrefixBytes = 19;
/// Of the twelve hours that ECR's passwords live: whoever takes a right away sees it gone within it.
inline constexpr Duration kCacheMaximum = 3h;
inline constexpr DurationBounds kCacheMaximumBounds{1min, 12h};
/// As many customers, each with a password of two KiB.
inline constexpr std::size_t kCacheEntries = 10'000;
inline constexpr CountBounds kCacheEntriesBounds{1, 1'000'000};
/// Of an exchanged token: STS's bounds of a session are 15m to 12h, and Artifactory takes less and more.
inline constexpr DurationBounds kTokenLifeBounds{1min, 365 * 24h};
/// A login that was renewed every few seconds would be a flood at AWS.
inline constexpr DurationBounds kRefreshTimeBounds{1min, 365 * 24h};

// Limits: all refused before any work.

/// Holds a token of the largest size, a URI of the largest size and the proxy's own headers.
inline constexpr std::size_t kHeaderBytes = 32 * kKibibyte;
inline constexpr CountBounds kHeaderBytesBounds{4 * kKibibyte, kKibibyte* kKibibyte};
/// Tokens with hundreds of access entries stay under it; nginx takes headers of this size when its large_client_header_buffers are raised.
inline constexpr std::size_t kTokenBytes = 16 * kKibibyte;
inline constexpr CountBounds kTokenBytesBounds{512, 256 * kKibibyte};
/// A repository name of 255 bytes, a digest and docker-registry's `_state` (under 1 KiB) fit several times.
inline constexpr std::size_t kUriBytes = 4 * kKibibyte;
inline constexpr CountBounds kUriBytesBounds{512, 64 * kKibibyte};
/// nginx keeps few connections to the gate; this stops a runaway before file descriptors run out.
inline constexpr std::size_t kConnections = 4096;
inline constexpr CountBounds kConnectionsBounds{8, 65'536};
/// Longer than the 60 s for which nginx keeps an upstream connection, or its next request would meet a closing socket.
inline constexpr Duration kIdle = 75s;
inline constexpr DurationBounds kIdleBounds{1s, 1h};
inline constexpr Duration kProxyKeepsConnections = 60s;
/// Some 100 MB when full, and more tokens than a large build fleet has alive at once.
inline constexpr std::size_t kCachedTokens = 100'000;
inline constexpr CountBounds kCachedTokensBounds{1'000, 10'000'000};
/// A few hundred checks of the costliest signature. Whoever waits longer has given up, or comes again, and the queue is worth nothing.
inline constexpr Duration kDecision = 250ms;
inline constexpr DurationBounds kDecisionBounds{10ms, 10s};

// Stopping.

/// What a load balancer or Kubernetes needs to see that readiness went.
inline constexpr Duration kDrainDelay = 5s;
/// With the delay under the 30 s after which Kubernetes kills (terminationGracePeriodSeconds); a decision takes far less than one.
inline constexpr Duration kDrainDeadline = 20s;
inline constexpr DurationBounds kDrainBounds{0s, 10min};

// Log.

/// One line a start, reload, round and fault; decisions are counted, not logged, at this level.
inline constexpr std::string_view kLogLevel = "info";

}  // namespace defaults
}  // namespace portcullis
