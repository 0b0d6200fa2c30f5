#include "plugin/broker/login_routes.h"

#include <algorithm>
#include <string>
#include <utility>

#include "broker/authenticator.h"
#include "policy/pattern/pattern.h"

namespace portcullis {

Result<std::shared_ptr<const LoginRoutes>> LoginRoutes::compile(const std::shared_ptr<const BrokerConfig>& config) {
  std::shared_ptr<LoginRoutes> routes(new LoginRoutes());
  for (std::size_t i = 0; i < config->routes.size(); ++i) {
    const BrokerRouteConfig& route = config->routes[i];
    const std::string path = "portcullis.broker.routes[" + std::to_string(i) + "]";
    const auto pattern = Pattern::parse(route.repositories);
    if (!pattern) return Error{Reason::config_invalid, path + ".repositories: " + pattern.error().detail};
    const RegistryLoginConfig* registry = find_registry(*config, route.registry);
    if (registry == nullptr) return Error{Reason::config_invalid, path + ".registry: no login has this host"};
    routes->patterns_.add(*pattern, static_cast<std::uint32_t>(i));
    routes->targets_.push_back(login_target(config, std::shared_ptr<const RegistryLoginConfig>(config, registry)));
  }
  routes->patterns_.build();
  return std::shared_ptr<const LoginRoutes>(std::move(routes));
}

const LoginTarget* LoginRoutes::find(std::string_view repository) const {
  PatternMatches matches;
  patterns_.find(repository, {}, matches);
  if (matches.empty()) return nullptr;
  const PatternMatch* first =
      std::min_element(matches.begin(), matches.end(), [](const PatternMatch& a, const PatternMatch& b) { return a.pattern < b.pattern; });
  return &targets_[first->pattern];
}

}  // namespace portcullis
