#include "plugin/cli/nginx_lint.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <system_error>
#include <utility>
#include <vector>

#include "base/codec/percent.h"
#include "config/read/nearest.h"
#include "plugin/cli/nginx_bypass.h"
#include "plugin/cli/nginx_file.h"

namespace portcullis {
namespace {

constexpr const char* kPart = "nginx";
/// Headers by which registries are told who the caller is: a client's own must end at the proxy.
constexpr std::array<std::string_view, 3> kIdentity{"X-Auth-Request-User", "X-Auth-Request-Groups", "X-Registry-Authorization"};

/// The gate takes tokens of 16 KiB; the header's name and `Bearer ` come on top.
constexpr std::size_t kTokenHeaderBytes = 17UL * 1024;

using Levels = NginxLevels;

/// The value of a header that is sent on, or null. Headers are inherited as a whole, by a block that sets none.
const NginxDirective* sent_header(const Levels& levels, std::string_view name) {
  for (const NginxDirective* level : levels) {
    if (level->child("proxy_set_header") == nullptr) continue;
    const auto found = std::find_if(level->children.rbegin(), level->children.rend(), [name](const NginxDirective& one) {
      return one.name() == "proxy_set_header" && lower_case(one.word(1)) == name;
    });
    return found == level->children.rend() ? nullptr : &*found;
  }
  return nullptr;
}

/// `http://registry/v2/`: what stands behind the host replaces the path that the gate judged.
bool has_path(std::string_view url) {
  const std::size_t host = url.find("://");
  if (host == std::string_view::npos) return false;
  const bool socket = url.substr(host + 3).starts_with("unix:");
  return socket ? url.find(':', host + 8) != std::string_view::npos : url.find('/', host + 3) != std::string_view::npos;
}

/// `8k`, `1m` or a number of bytes, in bytes; 0 where it is none of these.
std::size_t bytes_of(std::string_view text) noexcept {
  std::size_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || value > 1024UL * 1024 * 1024) return 0;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (unit.empty()) return value;
  if (unit == "k" || unit == "K") return value * 1024;
  return unit == "m" || unit == "M" ? value * 1024 * 1024 : 0;
}

/// One file on its way. Lives on the stack of `lint_nginx`.
class Lint {
 public:
  Lint(std::string path, DoctorReport& report) : path_(std::move(path)), report_(report) {}

  void read(const std::vector<NginxDirective>& directives, const Levels& around) {
    for (const NginxDirective& one : directives) {
      if (one.name() == "include" && !one.word(1).ends_with("mime.types")) skip(one, "is not read: give it to --nginx by itself");
      if (one.children.empty()) continue;
      Levels levels = around;
      levels.insert(levels.begin(), &one);
      if (one.name() == "location") judge_location(levels);
      read(one.children, levels);
    }
  }
  void tell(const NginxBypass& bypass) {
    const NginxDirective& at = *bypass.location;
    switch (bypass.kind) {
      case NginxBypass::Kind::open:
        return fail(at, "reaches the registry without asking the gate", "auth_request as in the other locations, or take it away");
      case NginxBypass::Kind::switched_off:
        return fail(at, "reaches the registry without asking the gate: auth_request is off", "take auth_request off; away");
      case NginxBypass::Kind::included:
        return warn(at, "reaches the registry, and this file does not ask the gate there", "see that what it includes has auth_request");
      case NginxBypass::Kind::internal:
        return warn(at, "reaches the registry without asking the gate", "see that whatever leads here has asked, or ask here too");
    }
  }
  [[nodiscard]] bool found_any() const noexcept { return found_any_; }

 private:
  [[nodiscard]] std::string place(const NginxDirective& at) const {
    std::string words;
    for (const std::string& word : at.words) words += (words.empty() ? "" : " ") + word;
    return path_ + ":" + std::to_string(at.line) + ": " + escape_for_log(words);
  }
  void fail(const NginxDirective& at, std::string what, const char* advice) {
    good_ = false;
    report_.fail(kPart, place(at), std::move(what), advice);
  }
  void warn(const NginxDirective& at, const char* what, const char* advice) { report_.warn(kPart, place(at), what, advice); }
  void skip(const NginxDirective& at, const char* what) { report_.skip(kPart, place(at), what); }

  void judge_location(const Levels& levels) {
    const NginxDirective* asks = inherited(levels, "auth_request");
    const NginxDirective* pass = levels.front()->child("proxy_pass");
    // The location that asks the gate has no question of its own, wherever auth_request stands.
    if (asks == nullptr || asks->word(1) == "off" || pass == nullptr || levels.front()->child("internal") != nullptr) return;
    found_any_ = good_ = true;
    const NginxDirective* satisfy = inherited(levels, "satisfy");
    if (satisfy != nullptr && satisfy->word(1) == "any")
      fail(*satisfy, "one of several ways in is enough, and the gate may not be asked at all", "satisfy all");
    if (has_path(pass->word(1)))
      fail(*pass, "the path that the gate judged is replaced by another", "leave out what stands behind the host, the slash too");
    judge_headers(levels);
    judge_sizes(levels);
    judge_question(levels, *asks);
    if (good_) report_.ok(kPart, place(*levels.front()), "asks the gate");
  }

  void judge_headers(const Levels& levels) {
    const NginxDirective* token = sent_header(levels, "authorization");
    if (token == nullptr || lower_case(token->word(2)) == "$http_authorization") {
      warn(*levels.front(), "the client's token goes on to the registry",
           "proxy_set_header Authorization \"\"; or the gate's login, $upstream_http_x_registry_authorization");
    }
    std::string open;
    for (const std::string_view name : kIdentity) {
      const NginxDirective* sent = sent_header(levels, lower_case(name));
      if (sent == nullptr || lower_case(sent->word(2)).starts_with("$http_")) open.append(open.empty() ? "" : ", ").append(name);
    }
    if (open.empty()) return;
    fail(*levels.front(), "headers of a client's own reach the registry: " + open,
         "proxy_set_header each of them: what auth_request_set took from the gate, or \"\"");
  }

  /// What nginx itself refuses before anybody is asked.
  void judge_sizes(const Levels& levels) {
    const NginxDirective* buffers = inherited(levels, "large_client_header_buffers");
    if (buffers == nullptr || bytes_of(buffers->word(2)) < kTokenHeaderBytes) {
      warn(buffers == nullptr ? *levels.front() : *buffers,
           "nginx answers 400 to tokens that its buffers do not hold, 8 KiB unless it is told otherwise",
           "large_client_header_buffers 4 32k; in the server block");
    }
    if (inherited(levels, "client_max_body_size") == nullptr)
      warn(*levels.front(), "nginx answers 413 to layers of more than 1 MiB", "client_max_body_size 0; in the server block");
  }

  /// What of the client's request goes to the gate.
  void judge_passing(const NginxDirective& question, const Levels& around) {
    const NginxDirective* body = inherited(around, "proxy_pass_request_body");
    if (body == nullptr || body->word(1) != "off")
      fail(question, "the body of a push is sent to the gate, which refuses it",
           "proxy_pass_request_body off; proxy_set_header Content-Length \"\";");
    const NginxDirective* headers = inherited(around, "proxy_pass_request_headers");
    const NginxDirective* token = sent_header(around, "authorization");
    const bool passes = headers == nullptr || headers->word(1) != "off";
    if (token == nullptr ? !passes : token->word(2).empty())
      fail(question, "the gate is not told the token, and answers 401 to everybody", "proxy_set_header Authorization $http_authorization;");
  }

  void judge_question(const Levels& levels, const NginxDirective& asks) {
    Levels around(levels.begin() + 1, levels.end());
    const NginxDirective* question = nullptr;
    for (const NginxDirective* level : around) {
      for (const NginxDirective& one : level->children) {
        if (one.name() == "location" && one.words.back() == asks.word(1)) question = &one;
      }
    }
    if (question == nullptr)
      return fail(asks, "the location that it names is not in this file", "add it, or give --nginx the file that has it");
    around.insert(around.begin(), question);
    if (question->child("internal") == nullptr) fail(*question, "clients can ask the gate in nginx's name", "internal;");
    if (question->child("proxy_pass") == nullptr) fail(*question, "asks nobody", "proxy_pass http://portcullis/auth;");
    const NginxDirective* method = sent_header(around, "x-original-method");
    if (method == nullptr || method->word(2) != "$request_method")
      fail(*question, "the gate is not told the method", "proxy_set_header X-Original-Method $request_method;");
    const NginxDirective* uri = sent_header(around, "x-original-uri");
    if (uri == nullptr || uri->word(2) != "$request_uri")
      fail(*question, "the gate is not told the path as the client sent it", "proxy_set_header X-Original-URI $request_uri;");
    judge_passing(*question, around);
    const NginxDirective* cache = inherited(around, "proxy_cache");
    if (cache != nullptr && cache->word(1) != "off")
      fail(*cache, "answers of the gate are kept: a token that was revoked or has expired still opens doors",
           "proxy_cache off; the gate has a cache of its own");
  }

  const std::string path_;
  DoctorReport& report_;
  bool found_any_ = false;
  bool good_ = true;
};

}  // namespace

void lint_nginx(std::string_view text, const std::string& path, DoctorReport& report) {
  const auto directives = read_nginx(text);
  if (!directives) return report.fail(kPart, path, directives.error().detail, "`nginx -t` says more");
  Lint lint(path, report);
  lint.read(*directives, {});
  for (const NginxBypass& bypass : find_bypasses(*directives)) lint.tell(bypass);
  if (!lint.found_any())
    report.fail(kPart, path, "no location with proxy_pass has auth_request: nobody asks the gate", "docs/nginx.md has a whole file");
}

}  // namespace portcullis
