// A cluster, files and registries for pull secrets: the API of tests/fake_kube answers in the same process, and registries give what a test
// says.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/codec/base64url.h"
#include "broker/pull_secret/rotation.h"
#include "tests/fake_kube/cluster.h"
#include "tests/support/chain_world.h"
#include "tests/support/fake_clock.h"

namespace portcullis::test {

inline constexpr const char* kPodToken = "canary-service-account-token";

/// Leads every call to the cluster, and keeps what was sent.
class ClusterHttp final : public HttpTransport {
 public:
  explicit ClusterHttp(fake_kube::Cluster& cluster) : cluster_(cluster) {}

  Result<IncomingAnswer> send(const OutgoingRequest& request) override {
    asked.push_back(request);
    if (down) return Error{Reason::io_failed, "10.0.0.1:443: Couldn't connect to server"};
    if (before) std::exchange(before, nullptr)();
    const std::string target = request.url.substr(request.url.find('/', 8));
    const std::size_t mark = target.find('?');
    fake_aws::Request out{
        .method = request.method, .path = target.substr(0, mark), .query = {}, .headers = request.headers, .body = request.body};
    if (mark != std::string::npos) out.query = target.substr(mark + 1);
    fake_aws::Answer answer = cluster_.serve(out);
    return IncomingAnswer{.status = answer.status, .headers = std::move(answer.headers), .body = std::move(answer.body)};
  }

  std::vector<OutgoingRequest> asked;
  bool down = false;
  std::function<void()> before;  ///< runs once, before the next call is answered

 private:
  fake_kube::Cluster& cluster_;
};

/// What registries answer: a user, a password and a life for each host.
class Registries {
 public:
  struct Given {
    std::string user = "AWS";
    std::string password = "canary-password-1";
    std::optional<Milliseconds> life = std::chrono::hours(12);
    std::vector<std::string> more_hosts{};
    std::string fault{};  ///< not empty: no login
  };

  explicit Registries(const Clock& clock) : clock_(clock) {}

  Result<HostLogin> log_in(const std::string& host) {
    ++logins;
    const Given& given = hosts.at(host);
    if (!given.fault.empty()) return Error{Reason::io_failed, given.fault};
    auto login = std::make_shared<RegistryLogin>();
    login->user = given.user;
    login->password = Secret(given.password);
    if (given.life) login->expires = clock_.now() + *given.life;
    HostLogin opened{.hosts = {host}, .login = std::move(login)};
    opened.hosts.insert(opened.hosts.end(), given.more_hosts.begin(), given.more_hosts.end());
    return opened;
  }

  std::map<std::string, Given> hosts{{"registry.example.com", {}}};
  int logins = 0;

 private:
  const Clock& clock_;
};

/// Everything that our service account needs.
inline fake_kube::User cluster_wide_account() {
  return {.token = kPodToken,
          .name = "system:serviceaccount:registry:portcullis",
          .rules = {{.verbs = {"list"}, .resources = {"namespaces"}, .space = {}},
                    {.verbs = {"list", "create", "patch", "delete"}, .resources = {"secrets"}, .space = {}}}};
}

/// `pulls`: to Kubernetes, in namespaces with `pulls=yes`, one docker secret called `regcred`.
inline PullSecretConfig selecting_pull_secret() {
  PullSecretConfig config;
  config.name = "pulls";
  config.registries = {"registry.example.com"};
  config.secrets = {{.name = "regcred", .type = GeneratedSecretConfig::Type::docker}};
  config.kubernetes = true;
  config.match_labels = {{"pulls", "yes"}};
  return config;
}

class PullSecretWorld {
 public:
  PullSecretWorld() : http(cluster), registries(clock) {
    (void)files.write("/sa/token", std::string(kPodToken) + "\n", 0600);
    (void)files.write("/sa/ca.crt", "a certificate", 0600);
    (void)files.write("/sa/namespace", "registry", 0600);
    cluster.add_user(cluster_wide_account());
    cluster.add_namespace("registry");
    api = std::make_unique<KubeApi>(
        http, files, KubeAccess{.server = "https://10.0.0.1:443", .token_file = "/sa/token", .ca_file = "/sa/ca.crt", .space = "registry"});
  }

  RotationTools tools() {
    return {.log_in = [this](const std::string& host) { return registries.log_in(host); },
            .files = files,
            .entropy = entropy,
            .kube = api.get()};
  }
  /// A rotation of `config`; `run` lets it do what is due now.
  std::unique_ptr<Rotation> rotation(PullSecretConfig config = selecting_pull_secret()) {
    return std::make_unique<Rotation>(tools(), std::move(config));
  }
  RoundReport run(Rotation& rotation) { return rotation.run(clock.now()); }
  /// As `run`, when it is due next.
  RoundReport run_next(Rotation& rotation) {
    if (rotation.due() > clock.now()) clock.advance(rotation.due() - clock.now());
    return run(rotation);
  }
  /// The decoded value of `key` of a secret, or empty.
  [[nodiscard]] std::string data(const std::string& space, const std::string& name, const std::string& key) const {
    const fake_kube::Json object = fake_kube::parse(cluster.object({"secrets", space, name}));
    const auto decoded = base64_decode(fake_kube::text_at(object.get(), {"data", key.c_str()}));
    return decoded ? *decoded : "";
  }
  [[nodiscard]] std::string text(const std::string& space, const std::string& name, std::initializer_list<const char*> path) const {
    const fake_kube::Json object = fake_kube::parse(cluster.object({"secrets", space, name}));
    return fake_kube::text_at(object.get(), path);
  }

  FakeClock clock;
  FakeFiles files;
  HalfEntropy entropy;
  fake_kube::Cluster cluster;
  ClusterHttp http;
  Registries registries;
  std::unique_ptr<KubeApi> api;
};

/// `{"auths":{"<host>":{"auth":…}}}` as it is expected of `AWS` and this password.
inline std::string docker_config_of(const std::string& host, const std::string& password) {
  return R"({"auths":{")" + host + R"(":{"auth":")" + base64_encode("AWS:" + password) + R"("}}})";
}

/// A secret that somebody else made.
inline std::string foreign_secret(const std::string& name, const std::string& metadata = "") {
  return R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":")" + name + "\"" + metadata +
         R"(},"type":"Opaque","data":{"k":"dg=="}})";
}

}  // namespace portcullis::test
