// The request to the registry that a question is about, as the proxy told of it: for logs and for policies that do not decide.
#pragma once

#include <span>
#include <string_view>

#include "plugin/http/header_scan.h"
#include "plugin/http/message.h"
#include "plugin/http/request.h"
#include "policy/request_facts.h"

namespace portcullis {

struct OriginalRequest {
  std::string_view method;
  std::string_view uri;  ///< empty where the endpoint has none
};

/// Not judged: what came twice is empty.
OriginalRequest original_request(const HttpRequest& request, const HeaderScan& headers, Endpoint endpoint) noexcept;

/// What a policy may know of the request, as `read_request` has it.
RequestFacts original_facts(const HttpRequest& request, const HeaderScan& headers, Endpoint endpoint,
                            std::span<const TagFact> tags) noexcept;

/// The value of a header that came exactly once.
std::string_view only_value(const FactValue& fact) noexcept;

}  // namespace portcullis
