#include "plugin/decisions/original.h"

#include "plugin/http/client_address.h"

namespace portcullis {

std::string_view only_value(const FactValue& fact) noexcept { return fact.count == 1 ? fact.value : std::string_view(); }

OriginalRequest original_request(const HttpRequest& request, const HeaderScan& headers, Endpoint endpoint) noexcept {
  switch (endpoint) {
    case Endpoint::auth: {
      const std::string_view uri = only_value(headers[Fact::original_uri]);
      return {only_value(headers[Fact::original_method]), uri.empty() ? only_value(headers[Fact::original_url]) : uri};
    }
    case Endpoint::forward: return {only_value(headers[Fact::forwarded_method]), only_value(headers[Fact::forwarded_uri])};
    case Endpoint::envoy: return {request.method, request.raw_uri};
    case Endpoint::verify:
    case Endpoint::introspect:
    case Endpoint::exchange:
    case Endpoint::credentials:
    case Endpoint::unknown: break;
  }
  return {request.method, {}};
}

RequestFacts original_facts(const HttpRequest& request, const HeaderScan& headers, Endpoint endpoint,
                            std::span<const TagFact> tags) noexcept {
  return {.method = original_request(request, headers, endpoint).method,
          .client = client_address(only_value(headers[Fact::client_address])),
          .peer = request.peer == nullptr ? std::string_view() : std::string_view(request.peer->text),
          .scheme = only_value(headers[Fact::scheme]),
          .headers = request.headers,
          .tags = tags};
}

}  // namespace portcullis
