// Fuzzes the Authorization header: whatever is accepted is one token of the b64token alphabet behind `Bearer` and blanks, and nothing else.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "plugin/http/credential.h"
#include "plugin/http/request.h"

namespace {

using namespace portcullis;

constexpr std::string_view kTokenBytes = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/";

/// The rule again, from the other end: what stands behind the token's alphabet and its padding must be `Bearer` in any letter case and
/// blanks.
bool is_bearer_header(std::string_view value, std::string_view token) {
  if (token.empty() || !value.ends_with(token)) return false;
  std::string_view head = value.substr(0, value.size() - token.size());
  const std::size_t padding = token.find('=');
  if (token.substr(0, padding).empty() || token.find_first_not_of(kTokenBytes) != padding) return false;
  if (padding != std::string_view::npos && token.find_first_not_of('=', padding) != std::string_view::npos) return false;
  if (!head.ends_with(' ')) return false;
  while (head.ends_with(' ')) head.remove_suffix(1);
  return same_header_name(head, "Bearer");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view value(reinterpret_cast<const char*>(data), size);
  HttpRequest request;
  request.headers = {{"Authorization", value}};
  const auto one = bearer_token(request);
  if (one && one->has_value() && !is_bearer_header(value, **one)) std::abort();
  if (one && !one->has_value() && !value.empty()) std::abort();

  request.headers.emplace_back("authorization", value);
  const auto two = bearer_token(request);
  if (two || two.error().reason != Reason::multiple_credentials) std::abort();
  return 0;
}
