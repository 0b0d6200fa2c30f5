// The `/status` of a running gate, asked over the network.
#pragma once

#include <string>
#include <string_view>

#include "base/codec/json.h"
#include "base/io/http.h"
#include "base/result.h"

namespace portcullis {

/// A hundred thousand keys and what is said of each.
inline constexpr JsonLimits kStatusLimits{.bytes = 64UL * 1024 * 1024, .depth = 16, .members = 2'000'000};

struct GateStatus {
  std::string where;  ///< the URL that answered, without its query, for messages
  std::string text;   ///< JSON, if it is a gate
};

/// What `/status` of the admin listener at `address` answers: `host:port`, a URL without path, or the whole URL. `Reason::io_failed`, or
/// the transport's reason, with the URL (without its query) where nobody answers, or not with 200. On this host http does; elsewhere https.
Result<GateStatus> ask_gate_status(HttpTransport& http, std::string address);

}  // namespace portcullis
