// The value of an `Authorization: Basic` header to user and password (RFC 7617), strictly.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "plugin/http/header_scan.h"

namespace portcullis {

struct BasicCredential {
  std::string user;          ///< without a colon
  Secret password;           ///< what stands behind the first colon
  std::string_view encoded;  ///< the base64 text, borrowed from the header

  [[nodiscard]] bool empty() const noexcept { return user.empty() && password.empty(); }
};

/// Whether the header's scheme is `Basic`, in any letter case.
bool is_basic(const FactValue& authorization) noexcept;

/// The credential of the header that `authorization` saw. Nothing where there is no such header, or an empty one. Reasons:
/// multiple_credentials; scheme_unsupported for another scheme; authorization_malformed where behind the scheme and blanks there is not one
/// text of strict base64, or where its bytes hold no colon or a control character (RFC 7617 section 2).
Result<std::optional<BasicCredential>> read_basic(const FactValue& authorization);

/// The one token of a header that is `Bearer <token>` or `Basic <any>:<token>`: clients that know no other way to send one have it as the
/// password. Nothing where there is no credential, or a Basic one with neither user nor password. `decoded` holds the password, must
/// outlive the token, and wipes it. Reasons as of `read_basic` and `read_credential`.
Result<std::optional<std::string_view>> read_bearer_or_basic(const FactValue& authorization, Secret& decoded);

}  // namespace portcullis
