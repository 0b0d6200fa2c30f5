// What a policy may know of a request beside its route: what the trusted proxy says of the client, and what the registry says of tags.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace portcullis {

/// Whether a tag is at the registry, as somebody who asked there says.
struct TagFact {
  std::string tag;
  bool exists;
};

/// Views into the request; all may be empty. Nothing is parsed before a condition reads it.
struct RequestFacts {
  std::string_view method;  ///< of the original request
  std::string_view client;  ///< its address as the proxy states it in the configured header; empty: nobody knows it
  std::string_view peer;    ///< who is connected to the gate
  std::string_view scheme;  ///< `https` or `http`, as the proxy states it in the configured header
  std::span<const std::pair<std::string_view, std::string_view>>
      headers;                    ///< for `User-Agent` and `X-Forwarded-For`, which nobody vouches for
  std::span<const TagFact> tags;  ///< of the repository that is written to
};

}  // namespace portcullis
