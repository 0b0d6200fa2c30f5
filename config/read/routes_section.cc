// `portcullis.extraRoutes`: the registry's own routes, that the distribution specification does not know.
#include <algorithm>
#include <array>

#include "config/read/sections.h"

namespace portcullis {
namespace {

constexpr std::array<std::string_view, 6> kMethods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};

bool lower_or_digit(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// What the gate would refuse in a request's path can be no route (spec of canonical paths): it would never match.
bool is_canonical(std::string_view path) noexcept {
  if (!path.starts_with('/') || path.find("//") != std::string_view::npos) return false;
  const bool clean = std::all_of(path.begin(), path.end(), [](char c) {
    return c > 0x20 && c < 0x7f && std::string_view("%;\\#?").find(c) == std::string_view::npos;
  });
  if (!clean) return false;
  for (std::size_t start = 1; start <= path.size();) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    const std::string_view segment = path.substr(start, end - start);
    if (segment == "." || segment == "..") return false;
    start = end + 1;
  }
  return true;
}

/// `repository`, or `repository(plugin)`.
bool is_type(std::string_view text) noexcept {
  const std::size_t open = text.find('(');
  const std::string_view word = text.substr(0, open);
  if (word.empty() || !std::all_of(word.begin(), word.end(), lower_or_digit)) return false;
  if (open == std::string_view::npos) return true;
  const std::string_view rest = text.substr(open + 1);
  return rest.size() > 1 && rest.back() == ')' && std::all_of(rest.begin(), rest.end() - 1, lower_or_digit);
}

bool is_name(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return lower_or_digit(c) || (c >= 'A' && c <= 'Z') || std::string_view("._-/:*").find(c) != std::string_view::npos;
  });
}

/// `type:name:action`. The name goes into challenges unescaped, so its alphabet is closed.
bool is_scope(std::string_view scope) noexcept {
  const std::size_t first = scope.find(':');
  const std::size_t last = scope.rfind(':');
  if (first == std::string_view::npos || first == last) return false;
  const std::string_view action = scope.substr(last + 1);
  const bool word = !action.empty() && std::all_of(action.begin(), action.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  return is_type(scope.substr(0, first)) && is_name(scope.substr(first + 1, last - first - 1)) && (word || action == "*");
}

std::vector<std::string> read_methods(Section& route) {
  auto methods = route.texts("methods");
  if (route.present() && (!route.has("methods") || (methods && methods->empty())))
    route.error("methods", "a route needs a method at least");
  if (!methods) return {};
  for (const std::string& method : *methods) {
    if (std::find(kMethods.begin(), kMethods.end(), method) == kMethods.end()) {
      route.error("methods", in_quotes(method) + " is not one of GET, HEAD, POST, PUT, PATCH, DELETE");
    }
  }
  return std::move(*methods);
}

ExtraRoute read_route(Section& route) {
  ExtraRoute read;
  read.path = route.required_text("path", "a route needs a path").value_or("");
  if (!read.path.empty() && !is_canonical(read.path)) {
    route.error("path", in_quotes(read.path) +
                            " begins with no / or holds what the gate refuses in a path (%, //, dot segments, ;, \\, #, ?, blanks)");
  }
  read.methods = read_methods(route);
  read.scope = route.required_text("scope", "a route needs a scope, such as registry:catalog:*").value_or("");
  if (!read.scope.empty() && !is_scope(read.scope))
    route.error("scope", in_quotes(read.scope) + " is no scope; write type:name:action, such as registry:catalog:*");
  read.action = route.word("action", {"read", "create", "update", "delete"}).value_or("");
  if (route.present() && !route.has("action")) route.error("action", "a route needs an action: read, create, update or delete");
  return read;
}

bool same_request(const ExtraRoute& left, const ExtraRoute& right) {
  return left.path == right.path && std::any_of(left.methods.begin(), left.methods.end(), [&](const std::string& method) {
           return std::find(right.methods.begin(), right.methods.end(), method) != right.methods.end();
         });
}

}  // namespace

void read_extra_routes(Section& portcullis, std::vector<ExtraRoute>& routes) {
  portcullis.objects("extraRoutes", [&](Section& section, std::size_t) {
    ExtraRoute route = read_route(section);
    const bool repeated = std::any_of(routes.begin(), routes.end(), [&](const ExtraRoute& other) { return same_request(other, route); });
    if (repeated) section.error("path", in_quotes(route.path) + " has a route for one of these methods already");
    routes.push_back(std::move(route));
  });
}

}  // namespace portcullis
