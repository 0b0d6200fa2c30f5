// A small good configuration whose parts a test replaces, and questions about what the loader says of it.
#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "config/load.h"

namespace portcullis {

/// Members of each object, as JSON text. As it stands it loads without a finding.
struct Sample {
  std::string top = {};   ///< beside `http` and `portcullis`, with a comma at the end
  std::string http = {};  ///< beside `auth`, with a comma at the end
  std::string auth = {};  ///< beside `bearer`, with a comma at the end
  std::string bearer = R"("realm":"https://auth.example.com/token","service":"registry")";
  std::string listen = R"("unix:/run/gate.sock")";
  std::string keys = R"("file":"keys.json")";
  std::string tokens = R"("issuers":["any"],"audiences":["any"])";
  std::string portcullis = {};  ///< further members, with a comma at the end

  [[nodiscard]] std::string text() const {
    return "{" + top + R"("http":{)" + http + R"("auth":{)" + auth + R"("bearer":{)" + bearer + R"(}}},"portcullis":{)" + portcullis +
           R"("listen":)" + listen + R"(,"keys":{)" + keys + R"(},"tokens":{)" + tokens + "}}}";
  }
};

inline LoadedConfig load(const Sample& sample, const ConfigOverrides& overrides = {}) {
  return load_config_text(sample.text(), "/etc/portcullis", overrides);
}

inline LoadedConfig load_text(std::string_view json, const ConfigOverrides& overrides = {}) {
  return load_config_text(json, "/etc/portcullis", overrides);
}

/// Whether a finding of `severity` stands at `path` and its message holds `fragment`.
inline testing::AssertionResult reports(const LoadedConfig& loaded, Severity severity, std::string_view path,
                                        std::string_view fragment = {}) {
  for (const Finding& finding : loaded.findings) {
    if (finding.severity == severity && finding.path == path && finding.message.find(fragment) != std::string::npos) {
      return testing::AssertionSuccess() << "found at " << path;
    }
  }
  return testing::AssertionFailure() << "nothing at " << path << " with '" << fragment << "' in\n" << format_findings(loaded.findings);
}

inline testing::AssertionResult refuses(const LoadedConfig& loaded, std::string_view path, std::string_view fragment = {}) {
  if (loaded.config) return testing::AssertionFailure() << "it loaded\n" << format_findings(loaded.findings);
  return reports(loaded, Severity::error, path, fragment);
}

inline testing::AssertionResult warns(const LoadedConfig& loaded, std::string_view path, std::string_view fragment = {}) {
  return reports(loaded, Severity::warning, path, fragment);
}

/// Whether there is a configuration.
inline testing::AssertionResult loads(const LoadedConfig& loaded) {
  if (loaded.config && !loaded.has_errors()) return testing::AssertionSuccess();
  return testing::AssertionFailure() << format_findings(loaded.findings);
}

inline std::size_t count_errors(const LoadedConfig& loaded) {
  std::size_t count = 0;
  for (const Finding& finding : loaded.findings) count += finding.severity == Severity::error ? 1 : 0;
  return count;
}

}  // namespace portcullis
