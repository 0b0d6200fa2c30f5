// Which allowed requests carry a login to the registry behind the gate (`portcullis.broker.routes`), compiled.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "broker/login_target.h"
#include "config/broker.h"
#include "policy/pattern/index.h"

namespace portcullis {

/// Immutable. Safe from many threads.
class LoginRoutes {
 public:
  /// `Reason::config_invalid` for a pattern that is none; the detail begins with its path. `config` names each route's registry.
  static Result<std::shared_ptr<const LoginRoutes>> compile(const std::shared_ptr<const BrokerConfig>& config);

  /// The target of the first route that matches, or null. It lives as long as the routes.
  [[nodiscard]] const LoginTarget* find(std::string_view repository) const;

 private:
  LoginRoutes() = default;

  PatternIndex patterns_;
  std::vector<LoginTarget> targets_;  ///< one a route
};

}  // namespace portcullis
