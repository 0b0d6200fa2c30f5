#include "tests/support/daemon.h"

#include <utility>

#include "tests/support/tokens.h"

namespace portcullis::test {
namespace {

constexpr std::string_view kUri = "/v2/team/app/manifests/latest";

std::string token_now(const KeyPair& key, std::string_view kid) { return mint(good_payload(SystemClock().now()), key, "EdDSA", kid); }

}  // namespace

TestDaemon::TestDaemon(std::string_view portcullis, const std::string& keys, HttpTransport* http) {
  folder_.write("gate.json", config(portcullis));
  if (!keys.empty()) folder_.write("keys.json", keys);
  restart(http);
}

void TestDaemon::restart(HttpTransport* http, Files* files) {
  app_.reset();
  fault_.clear();
  const std::string path = folder_.path("gate.json");
  const LoadedConfig loaded = load_config(files_, path, {});
  if (!loaded.config) {
    fault_ = format_findings(loaded.findings);
    return;
  }
  const AppSetup setup{.config_path = path,
                       .overrides = {},
                       .clock = clock_,
                       .files = files != nullptr ? *files : files_,
                       .entropy = entropy_,
                       .notify_socket = std::nullopt,
                       .http = http,
                       .environment = &environment_};
  Result<std::unique_ptr<App>> app = App::start(setup, *loaded.config, loaded.findings);
  if (app.ok())
    app_ = std::move(app).value();
  else
    fault_ = app.error().detail;
}

std::string TestDaemon::config(std::string_view portcullis, std::string_view service) {
  std::string text = R"({"http":{"auth":{"bearer":{"realm":"https://auth.example/token","service":")" + std::string(service) + R"("}}},)";
  text += R"("log":{"level":"debug","output":"gate.log"},"portcullis":{"listen":["127.0.0.1:0","unix:gate.sock"],"workers":2)";
  // What the test does not say itself.
  for (const auto& [name, member] : {std::pair<std::string_view, std::string_view>{"\"admin\"", R"("admin":"127.0.0.1:0")"},
                                     {"\"drain\"", R"("drain":{"delay":"0s","deadline":"10s"})"},
                                     {"\"proxy\"", R"("proxy":{"trusted":["127.0.0.1/32"],"clientAddress":"X-Real-IP"})"},
                                     {"\"tokens\"", R"("tokens":{"issuers":["any"],"audiences":["any"]})"},
                                     {"\"keys\"", R"("keys":{"file":"keys.json"})"}}) {
    if (portcullis.find(name) == std::string_view::npos) text.append(",").append(member);
  }
  if (!portcullis.empty()) text.append(",").append(portcullis);
  return text + "}}";
}

std::string TestDaemon::first_keys() { return secret_json({{"k1", &key_pair("ED25519")}}); }
std::string TestDaemon::second_keys() { return secret_json({{"k2", &key_pair("ED25519", "second")}}); }
std::string TestDaemon::first_token() { return token_now(key_pair("ED25519"), "k1"); }
std::string TestDaemon::second_token() { return token_now(key_pair("ED25519", "second"), "k2"); }

int TestDaemon::status_for(const std::string& token) const {
  const auto answer = ask_once(tcp(), nginx_request(kUri, token));
  return answer ? answer->status : 0;
}

std::string nginx_request(std::string_view uri, std::string_view token) {
  std::string text = "GET /auth HTTP/1.1\r\nHost: gate\r\nX-Original-Method: GET\r\nX-Original-URI: " + std::string(uri) + "\r\n";
  if (!token.empty()) text += "Authorization: Bearer " + std::string(token) + "\r\n";
  return text + "\r\n";
}

}  // namespace portcullis::test
