// `portcullis.proxy`: who may ask, and which header of the proxy states which fact.
#include <algorithm>
#include <array>

#include "config/address.h"
#include "config/read/nearest.h"
#include "config/read/sections.h"

namespace portcullis {
namespace {

/// Headers that have a meaning of their own: none of them can also carry the client's address or the scheme.
constexpr std::array<std::string_view, 16> kTaken = {"Authorization",
                                                     "Connection",
                                                     "Content-Length",
                                                     "Cookie",
                                                     "Host",
                                                     "Keep-Alive",
                                                     "Range",
                                                     "TE",
                                                     "Transfer-Encoding",
                                                     "Upgrade",
                                                     "X-Original-URI",
                                                     "X-Original-URL",
                                                     "X-Original-Method",
                                                     "X-Forwarded-Method",
                                                     "X-Forwarded-Uri",
                                                     "X-Registry-Authorization"};
/// Ours, on questions and answers.
constexpr std::string_view kOurs = "x-portcullis-";
/// What a token may hold beside letters and digits (RFC 9110 section 5.6.2).
constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";

/// RFC 9110 section 5.6.2.
bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || kMarks.find(c) != std::string_view::npos;
  });
}

std::optional<std::string> header_name(Section& proxy, std::string_view name) {
  auto header = proxy.text(name);
  if (!header) return std::nullopt;
  const bool taken = std::any_of(kTaken.begin(), kTaken.end(), [&](std::string_view other) { return equal_in_any_case(other, *header); }) ||
                     lower_case(*header).starts_with(kOurs);
  if (!is_token(*header)) {
    proxy.error(name, in_quotes(*header) + " is no header name (RFC 9110 section 5.6.2)");
  } else if (taken) {
    proxy.error(name, in_quotes(*header) + " has a meaning of its own and cannot state this fact too");
  }
  return header;
}

std::vector<AddressRange> read_trusted(Section& proxy, bool& answered) {
  std::vector<AddressRange> ranges;
  const auto written = proxy.texts("trusted");
  answered = proxy.has("trusted") && !(written && written->empty());
  if (!written) return ranges;
  for (const std::string& text : *written) {
    const auto range = parse_address_range(text);
    if (range) {
      ranges.push_back(*range);
    } else {
      proxy.error("trusted", range.error().detail);
    }
  }
  return ranges;
}

}  // namespace

void read_proxy(Section& proxy, Draft& draft) {
  ProxyConfig& config = draft.config.proxy;
  config.trusted = read_trusted(proxy, draft.trusted_answered);
  config.trusted_users = proxy.texts("trustedUsers");
  config.marker_file = proxy.file("markerFile");
  config.client_address = header_name(proxy, "clientAddress");
  config.scheme = header_name(proxy, "scheme");
  if (config.client_address && config.scheme && equal_in_any_case(*config.client_address, *config.scheme)) {
    proxy.error("scheme", in_quotes(*config.scheme) + " states the client's address already (clientAddress): one header for each fact");
  }
  config.original_url = proxy.boolean("originalURL").value_or(false);
  config.strips_mount = proxy.boolean("stripsMount").value_or(false);
}

}  // namespace portcullis
