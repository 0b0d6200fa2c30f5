// What `POST /v1/credentials` is asked, as a typed value.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "plugin/http/message.h"

namespace portcullis {

/// Most repositories that one question names.
inline constexpr std::size_t kNamedRepositories = 64;

struct CredentialsQuestion {
  std::string token;                      ///< of the `Authorization` header
  std::string registry;                   ///< host, lower case, with its port
  std::vector<std::string> repositories;  ///< the login is to be limited to; empty: to all that the caller may use
  std::optional<std::string> role_arn;    ///< a role of the caller's own (`username`)
  Secret external_id;                     ///< of that role (`password`), never empty with it
  bool fresh = false;                     ///< the registry refused the login that was given before
};

/// Reads the Bearer header and the JSON body `{"registry", "repositories", "username", "password", "fresh"}`. `Reason::bad_request`, with a
/// fixed text for the client, for JSON that is none, an unknown member, a wrong type, no token, no registry, one of `username` and
/// `password` without the other, or repositories together with them. Whether they are good is not judged here.
Result<CredentialsQuestion> read_credentials_question(const HttpRequest& request);

}  // namespace portcullis
