// What `/v1/verify` and `/introspect` are asked, as typed values.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "plugin/http/message.h"

namespace portcullis {

/// The body of `POST /v1/verify`. `uri` excludes `repository` and `action`; those two come together; `method` comes with `uri`, and is GET
/// without.
struct VerifyQuestion {
  std::string token;
  std::optional<std::string> repository;
  std::optional<std::string> action;
  std::optional<std::string> method;
  std::optional<std::string> uri;
  bool explain = false;
};

/// Reads the JSON body and the Bearer header, of which exactly one holds the token; an empty body is an empty question.
/// `Reason::bad_request`, with a fixed text for the client, for JSON that is none, an unknown member, a wrong type, no token or two, or an
/// incomplete question.
Result<VerifyQuestion> read_verify_question(const HttpRequest& request);

/// The form field `token` of `POST /introspect` (RFC 7662 section 2.1) without blanks and line ends around it; other fields are ignored.
/// `Reason::bad_request` where it is not there exactly once.
Result<std::string> read_introspect_token(std::string_view body);

}  // namespace portcullis
