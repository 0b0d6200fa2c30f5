#include "plugin/cli/nginx_bypass.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "config/read/nearest.h"

namespace portcullis {
namespace {

using Places = std::set<std::string>;

/// `host:port`; `unix:/path` as it is.
std::string place_of(std::string_view authority, const char* default_port) {
  if (authority.starts_with("unix:")) return std::string(authority.substr(0, authority.find(':', 5)));
  std::string place = lower_case(authority);
  if (place.starts_with("localhost") && (place.size() == 9 || place[9] == ':')) place.replace(0, 9, "127.0.0.1");
  const std::size_t after_literal = place.starts_with('[') ? std::min(place.find(']'), place.size()) : 0;
  return place.find(':', after_literal) == std::string::npos ? place + default_port : place;
}

/// Where a URL of `proxy_pass` leads, without its path. A variable in the place of the host is a name like others.
std::string authority_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  std::string_view rest = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
  if (rest.starts_with("unix:")) return std::string(rest.substr(0, rest.find(':', 5)));
  rest = rest.substr(0, rest.find_first_of("/?"));
  for (const char* path : {"$request_uri", "$uri"}) rest = rest.substr(0, rest.find(path));
  return std::string(rest);
}

bool share_any(const Places& one, const Places& other) {
  return std::any_of(one.begin(), one.end(), [&other](const std::string& place) { return other.contains(place); });
}

/// One block with `proxy_pass`.
struct Door {
  NginxLevels levels;
  const NginxDirective* asks;  ///< the `auth_request` in effect; null: none
  Places leads_to;

  [[nodiscard]] bool is_gated() const { return asks != nullptr && asks->word(1) != "off"; }
};

/// One pass over the directives. Lives on the stack of `find_bypasses`.
class Doors {
 public:
  explicit Doors(const std::vector<NginxDirective>& directives) {
    read_upstreams(directives);
    read(directives, {});
  }

  [[nodiscard]] std::vector<NginxBypass> bypasses() const {
    const Places registries = behind_the_gate();
    std::vector<NginxBypass> found;
    for (const Door& door : doors_) {
      if (door.is_gated() || !share_any(door.leads_to, registries) || is_shut(door.levels)) continue;
      const auto location = std::find_if(door.levels.begin(), door.levels.end(), is_location);
      found.push_back({kind_of(door), location == door.levels.end() ? door.levels.front() : *location});
    }
    return found;
  }

 private:
  static bool is_location(const NginxDirective* level) { return level->name() == "location"; }

  void read_upstreams(const std::vector<NginxDirective>& directives) {
    for (const NginxDirective& one : directives) {
      if (one.name() == "http") read_upstreams(one.children);
      if (one.name() != "upstream") continue;
      Places& servers = upstreams_[lower_case(one.word(1))];
      for (const NginxDirective& server : one.children)
        if (server.name() == "server") servers.insert(place_of(server.word(1), ":80"));
    }
  }

  [[nodiscard]] Places leads_to(std::string_view url) const {
    const std::string authority = authority_of(url);
    const auto upstream = upstreams_.find(lower_case(authority));
    Places places{place_of(authority, url.starts_with("https:") ? ":443" : ":80")};
    if (upstream == upstreams_.end()) return places;
    places = upstream->second;
    places.insert("upstream " + upstream->first);
    return places;
  }

  void read(const std::vector<NginxDirective>& directives, const NginxLevels& around) {
    for (const NginxDirective& one : directives) {
      if (one.children.empty()) continue;
      NginxLevels levels = around;
      levels.insert(levels.begin(), &one);
      if (const NginxDirective* pass = one.child("proxy_pass"))
        doors_.push_back({levels, inherited(levels, "auth_request"), leads_to(pass->word(1))});
      read(one.children, levels);
    }
  }

  /// Where gated locations lead, but for the gate itself.
  [[nodiscard]] Places behind_the_gate() const {
    std::set<std::string_view> questions;
    Places places;
    for (const Door& door : doors_)
      if (door.is_gated()) questions.insert(door.asks->word(1));
    const auto is_question = [&](const Door& door) {
      return is_location(door.levels.front()) && questions.contains(door.levels.front()->words.back());
    };
    for (const Door& door : doors_)
      if (door.is_gated() && !is_question(door)) places.insert(door.leads_to.begin(), door.leads_to.end());
    for (const Door& door : doors_)
      if (is_question(door)) std::erase_if(places, [&](const std::string& place) { return door.leads_to.contains(place); });
    return places;
  }

  /// Whether nobody gets as far as `proxy_pass`: `return` of the block or of its server, or `deny all` before every `allow`.
  static bool is_shut(const NginxLevels& levels) {
    const auto returns = [&](const NginxDirective* level) {
      return (level == levels.front() || level->name() == "server") && level->child("return") != nullptr;
    };
    if (std::any_of(levels.begin(), levels.end(), returns)) return true;
    const NginxDirective* satisfy = inherited(levels, "satisfy");
    if (satisfy != nullptr && satisfy->word(1) == "any") return false;
    const auto is_rule = [](const NginxDirective& one) { return one.name() == "allow" || one.name() == "deny"; };
    for (const NginxDirective* level : levels) {
      const auto rule = std::find_if(level->children.begin(), level->children.end(), is_rule);
      if (rule != level->children.end()) return rule->name() == "deny" && rule->word(1) == "all";
    }
    return false;
  }

  static NginxBypass::Kind kind_of(const Door& door) {
    const auto is_internal = [](const NginxDirective* level) {
      return is_location(level) && (level->child("internal") != nullptr || level->words.back().starts_with('@'));
    };
    if (std::any_of(door.levels.begin(), door.levels.end(), is_internal)) return NginxBypass::Kind::internal;
    if (door.asks != nullptr) return NginxBypass::Kind::switched_off;
    const auto includes = [](const NginxDirective* level) {
      return std::any_of(level->children.begin(), level->children.end(),
                         [](const NginxDirective& one) { return one.name() == "include" && !one.word(1).ends_with("mime.types"); });
    };
    return std::any_of(door.levels.begin(), door.levels.end(), includes) ? NginxBypass::Kind::included : NginxBypass::Kind::open;
  }

  std::map<std::string, Places, std::less<>> upstreams_;
  std::vector<Door> doors_;
};

}  // namespace

std::vector<NginxBypass> find_bypasses(const std::vector<NginxDirective>& directives) { return Doors(directives).bypasses(); }

}  // namespace portcullis
