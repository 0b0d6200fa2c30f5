// The shared AWS files `~/.aws/config` and `~/.aws/credentials`, parsed as the SDKs do (SDKs and Tools Reference Guide, "Shared config and
// credentials files").
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace portcullis {

/// Keys are lower case. A key with sub-properties holds them as one text, a line each, beginning with a line feed.
using Properties = std::map<std::string, std::string, std::less<>>;

struct ProfileFiles {
  std::map<std::string, Properties, std::less<>> profiles;      ///< by name; the credentials file wins over the config file key by key
  std::map<std::string, Properties, std::less<>> sso_sessions;  ///< `[sso-session X]`
  std::map<std::string, Properties, std::less<>> services;      ///< `[services X]`
  std::vector<std::string> warnings;                            ///< lines that were ignored: file, number, and why; never a value
};

enum class ProfileStrictness {
  lenient,  ///< a malformed line is a warning, as in aws-sdk-go-v2
  strict,   ///< a malformed line is an error, as in botocore
};

/// Parses both texts; empty text stands for an absent file. Each at most 1 MiB. `Reason::bad_request` with file and line number where
/// `strict` asks for it, or where a text is too large.
Result<ProfileFiles> parse_profiles(std::string_view config, std::string_view credentials, ProfileStrictness strictness);

/// The sub-property `name` of a value like "\nname = value\nother = …", or nothing.
std::optional<std::string> sub_property(std::string_view value, std::string_view name);

}  // namespace portcullis
