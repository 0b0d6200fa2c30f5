// Seam for environment variables.
#pragma once

#include <map>
#include <optional>
#include <string>

namespace portcullis {

/// Safe from many threads.
class Environment {
 public:
  virtual ~Environment() = default;
  /// The value of `name`; nothing where it is unset or blank (blank values count as unset everywhere in Portcullis).
  [[nodiscard]] virtual std::optional<std::string> get(const std::string& name) const = 0;
};

class SystemEnvironment final : public Environment {
 public:
  [[nodiscard]] std::optional<std::string> get(const std::string& name) const override;
};

/// Variables of a test.
class FakeEnvironment final : public Environment {
 public:
  explicit FakeEnvironment(std::map<std::string, std::string> variables = {}) : variables_(std::move(variables)) {}
  [[nodiscard]] std::optional<std::string> get(const std::string& name) const override;

 private:
  std::map<std::string, std::string> variables_;
};

}  // namespace portcullis
