#include "plugin/http/basic_credential.h"

#include <algorithm>
#include <utility>

#include "base/codec/base64url.h"
#include "plugin/http/credential.h"

namespace portcullis {
namespace {

constexpr std::string_view kBasic = "basic";

std::string_view scheme_of(std::string_view value) noexcept { return value.substr(0, value.find(' ')); }

bool is_control(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

Error malformed(const char* detail) { return {Reason::authorization_malformed, detail}; }

}  // namespace

bool is_basic(const FactValue& authorization) noexcept { return same_header_name(scheme_of(authorization.value), kBasic); }

Result<std::optional<BasicCredential>> read_basic(const FactValue& authorization) {
  if (authorization.count > 1) return Error{Reason::multiple_credentials, "more than one Authorization header"};
  const std::string_view value = authorization.value;
  if (value.empty()) return std::optional<BasicCredential>();
  if (!is_basic(authorization)) return Error{Reason::scheme_unsupported, "the Authorization scheme is not Basic"};
  const std::size_t start = value.find_first_not_of(' ', kBasic.size());
  if (start == std::string_view::npos) return malformed("nothing stands behind Basic");
  BasicCredential credential;
  credential.encoded = value.substr(start);
  auto decoded = base64_decode(credential.encoded);
  if (!decoded) return malformed("what stands behind Basic is not base64");
  const std::size_t colon = decoded->find(':');
  const bool readable = colon != std::string::npos && std::none_of(decoded->begin(), decoded->end(), is_control);
  if (readable) {
    credential.user = decoded->substr(0, colon);
    credential.password = Secret(decoded->substr(colon + 1));
  }
  wipe(*decoded);
  if (!readable) return malformed("what stands behind Basic is not user and password");
  return std::optional<BasicCredential>(std::move(credential));
}

Result<std::optional<std::string_view>> read_bearer_or_basic(const FactValue& authorization, Secret& decoded) {
  using Credential = std::optional<std::string_view>;
  if (authorization.count > 1 || !is_basic(authorization)) return read_credential(authorization);
  auto basic = read_basic(authorization);
  if (!basic) return std::move(basic).error();
  if (!*basic || (*basic)->empty()) return Credential();
  decoded = std::move((*basic)->password);
  return Credential(decoded.reveal());
}

}  // namespace portcullis
