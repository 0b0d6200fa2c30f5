// `portcullis.policyTests` as plain data: questions that the policies must answer as the operator expects.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace portcullis {

/// One of `policyTests`. Without `user`, `groups` and `claims` nobody asks: a request without credentials.
struct PolicyTestConfig {
  std::string name;
  std::optional<std::string> user;
  std::vector<std::string> groups;
  std::optional<std::string> claims;  ///< a JSON object: what conditions read as `req.claims`
  std::string method;
  std::string uri;                        ///< path and query, undecoded
  std::optional<std::string> at;          ///< RFC 3339
  std::optional<std::string> client;      ///< address of the client
  std::optional<std::string> user_agent;  ///< of the client
  std::optional<bool> tag_exists;         ///< of the tag that is written; absent: nobody knows
  bool allow = false;                     ///< `"expect": "allow"`
  std::optional<std::string> reason;      ///< name of the reason that must be given

  friend bool operator==(const PolicyTestConfig&, const PolicyTestConfig&) = default;
};

}  // namespace portcullis
