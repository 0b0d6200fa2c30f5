// The cached access token of AWS IAM Identity Center: the file that `aws sso login` writes, as a value.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace portcullis {

struct SsoToken {
  Secret access_token;
  TimePoint expires;
  // The session form only; all four, or the token cannot be refreshed.
  Secret refresh_token;
  std::string client_id;
  Secret client_secret;
  std::optional<TimePoint> registration_expires;

  [[nodiscard]] bool can_refresh(TimePoint now) const {
    return !refresh_token.empty() && !client_id.empty() && !client_secret.empty() && registration_expires && now < *registration_expires;
  }
};

/// What sso-oidc's CreateToken answered.
struct RefreshedToken {
  Secret access_token;
  TimePoint expires;
  Secret refresh_token;  ///< empty: the old one stays
};

/// `$HOME/.aws/sso/cache/<SHA-1 of the session's name, or of the start URL>.json`.
std::string sso_cache_path(std::string_view home, std::string_view session_or_url);
/// `Reason::io_failed` for a text without `accessToken` and `expiresAt`; nothing of the text is in the detail.
Result<SsoToken> read_sso_token(std::string_view text);
/// The file's text with the new token in it, every other member as it was. `text` is one that `read_sso_token` took.
std::string renewed_sso_file(std::string_view text, const RefreshedToken& token);
/// `{"accessToken", "expiresIn", "refreshToken"}`, the last optional. `Reason::io_failed`.
Result<RefreshedToken> read_created_token(std::string_view text, TimePoint now);

}  // namespace portcullis
