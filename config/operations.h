// What an operator watches the gate with, and where the registry behind it is, as plain data.
#pragma once

#include <optional>
#include <string>

namespace portcullis {

/// `portcullis.decisionLog`.
struct DecisionLogConfig {
  std::optional<std::string> output;  ///< path; absent: switched off
  bool refuse_when_full = false;      ///< `"onFull": "refuse"`: no allow without a line

  friend bool operator==(const DecisionLogConfig&, const DecisionLogConfig&) = default;
};

/// `portcullis.registry`.
struct RegistryConfig {
  std::optional<std::string> url;         ///< http or https
  bool tag_lookup = false;                ///< `"tagLookup": "advisory"`
  std::optional<std::string> token_file;  ///< path of the gate's own bearer token

  friend bool operator==(const RegistryConfig&, const RegistryConfig&) = default;
};

}  // namespace portcullis
