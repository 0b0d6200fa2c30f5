// What `/zot/auth/token` is asked, as typed values: the credentials in their order of trial, and what another endpoint would be told.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/codec/form.h"
#include "base/result.h"
#include "base/secret.h"
#include "plugin/http/message.h"
#include "plugin/state.h"

namespace portcullis {

/// Largest body, in bytes.
inline constexpr std::size_t kExchangeBodyBytes = 64UL * 1024;

struct ExchangeQuestion {
  std::optional<std::string> user;   ///< of Basic credentials
  std::optional<std::string> basic;  ///< their base64 text
  std::optional<FormFields> form;    ///< absent where the body is no form; such a body is not looked at
  FormFields query;                  ///< never a place of credentials
  std::vector<Secret> credentials;   ///< not empty, blanks around them cut, each once
};

/// Credentials are the password of `Authorization: Basic`, then the form fields `password`, `id_token`, `access_token`, `refresh_token` and
/// `token`. Reasons, each with a fixed text: bad_request for a form or a query that cannot be read in one way (a broken escape, a `;`, more
/// than 128 fields, one of those five fields twice), and those of `read_basic`.
Result<ExchangeQuestion> read_exchange_question(const HttpRequest& request, const GateRules& rules);

}  // namespace portcullis
