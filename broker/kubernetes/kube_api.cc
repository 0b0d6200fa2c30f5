#include "broker/kubernetes/kube_api.h"

#include <charconv>
#include <utility>

#include "base/codec/json_writer.h"
#include "base/codec/percent.h"
#include "base/secret.h"

namespace portcullis {
namespace {

using Verdict = KubeOutcome::Verdict;

constexpr std::size_t kTokenBytes = 64UL * 1024;
constexpr std::size_t kSmallFileBytes = 4096;
constexpr const char* kPageSize = "500";
constexpr int kMostPages = 400;  // 200,000 objects: more is a server that never ends
constexpr const char* kNamespaces = "/api/v1/namespaces";
constexpr const char* kAllSecrets = "/api/v1/secrets";
// Metadata alone: nobody's secrets travel, ours included.
constexpr const char* kMetadataList = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
constexpr const char* kMetadata = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

std::string without_line_end(std::string text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

bool is_port(std::string_view text) noexcept {
  unsigned port = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), port);
  return fault == std::errc() && end == text.data() + text.size() && port > 0 && port <= 65535;
}

Verdict verdict_of(int status) noexcept {
  if (status >= 200 && status < 300) return Verdict::done;
  if (status == 401 || status == 403) return Verdict::forbidden;
  if (status == 404) return Verdict::missing;
  return status == 409 ? Verdict::conflict : Verdict::failed;
}

std::string secrets_of(const std::string& space) { return std::string(kNamespaces) + "/" + space + "/secrets"; }

std::string with_query(const std::string& path, const FormFields& fields) { return path + "?" + form_encode(fields); }

}  // namespace

Result<KubeAccess> in_cluster_access(const Environment& environment, const Files& files, const std::string& folder) {
  const auto host = environment.get("KUBERNETES_SERVICE_HOST");
  const std::string port = environment.get("KUBERNETES_SERVICE_PORT").value_or("443");
  if (!host)
    return Error{Reason::config_invalid,
                 "this is no pod of Kubernetes: KUBERNETES_SERVICE_HOST is not set. Write to `folder`, or use --stdout"};
  if (!is_port(port)) return Error{Reason::config_invalid, "KUBERNETES_SERVICE_PORT is no port: " + escape_for_log(port)};
  const bool v6 = host->find(':') != std::string::npos;
  if (host->find_first_of("/?#@[] \t\r\n") != std::string::npos) {
    return Error{Reason::config_invalid, "KUBERNETES_SERVICE_HOST is no host: " + escape_for_log(*host)};
  }
  KubeAccess access{.server = "https://" + (v6 ? "[" + *host + "]" : *host) + ":" + port,
                    .token_file = folder + "/token",
                    .ca_file = folder + "/ca.crt",
                    .space = {}};
  const auto space = files.read(folder + "/namespace", kSmallFileBytes);
  const auto authority = files.read(access.ca_file, kKubeAnswerBytes);
  for (const auto* read : {&space, &authority}) {
    if (!*read)
      return Error{Reason::config_invalid,
                   "the pod's service account is not mounted (automountServiceAccountToken): " + read->error().detail};
  }
  access.space = without_line_end(*space);
  if (!is_dns_subdomain(access.space)) return Error{Reason::config_invalid, folder + "/namespace: no name of a namespace"};
  return access;
}

KubeApi::KubeApi(HttpTransport& http, const Files& files, KubeAccess access) : http_(http), files_(files), access_(std::move(access)) {}

Result<IncomingAnswer> KubeApi::send(const Call& call) {
  auto token = files_.read(access_.token_file, kTokenBytes);
  if (!token) return Error{Reason::io_failed, "the service account's token cannot be read: " + token.error().detail};
  const Secret bearer(without_line_end(std::move(token).value()));
  if (bearer.empty()) return Error{Reason::io_failed, access_.token_file + ": the service account's token is empty"};
  OutgoingRequest request;
  request.method = call.method;
  request.url = access_.server + call.path;
  request.headers = {{"Authorization", "Bearer " + std::string(bearer.reveal())}, {"Accept", call.accept}};
  if (!call.type.empty()) request.headers.emplace_back("Content-Type", call.type);
  request.body = call.body;
  request.timeout = std::chrono::seconds(30);
  request.connect_timeout = std::chrono::seconds(5);
  request.body_limit = kKubeAnswerBytes;
  request.reachable = ReachableHosts::public_only;  // https alone; a cluster's own addresses are private, not link-local
  request.ca_file = access_.ca_file;
  auto answer = http_.send(request);
  wipe(request.headers.front().second);
  wipe(request.body);
  return answer;
}

KubeOutcome KubeApi::change(const Call& call) {
  auto answer = send(call);
  if (!answer) return {.verdict = Verdict::failed, .detail = answer.error().detail};
  const Verdict verdict = verdict_of(answer->status);
  if (verdict != Verdict::done) return {.verdict = verdict, .detail = describe_kube_failure(answer->status, answer->body)};
  if (call.method == "DELETE") return {.verdict = Verdict::done};  // a Status, or the object as it was
  auto object = read_kube_object(answer->body);
  wipe(answer->body);
  if (!object) return {.verdict = Verdict::failed, .detail = object.error().detail};
  return {.verdict = Verdict::done, .object = std::move(object).value()};
}

KubeListing KubeApi::list(const std::string& path, const FormFields& picks) {
  KubeListing listing{.verdict = Verdict::done};
  std::string next;
  for (int page = 0; page < kMostPages; ++page) {
    FormFields query{{"limit", kPageSize}};
    query.insert(query.end(), picks.begin(), picks.end());
    if (!next.empty()) query.emplace_back("continue", next);
    const auto answer = send({.method = "GET", .path = with_query(path, query), .accept = kMetadataList});
    if (!answer) return {.verdict = Verdict::failed, .detail = answer.error().detail};
    const Verdict verdict = verdict_of(answer->status);
    if (verdict != Verdict::done) return {.verdict = verdict, .detail = describe_kube_failure(answer->status, answer->body)};
    auto read = read_kube_list(answer->body);
    if (!read) return {.verdict = Verdict::failed, .detail = read.error().detail};
    listing.objects.insert(listing.objects.end(), std::make_move_iterator(read->objects.begin()),
                           std::make_move_iterator(read->objects.end()));
    if (read->next.empty()) return listing;
    next = read->next;
  }
  return {.verdict = Verdict::failed, .detail = "the Kubernetes API lists more objects than can be meant"};
}

KubeListing KubeApi::namespaces(const std::string& selector) {
  return list(kNamespaces, selector.empty() ? FormFields{} : FormFields{{"labelSelector", selector}});
}

KubeListing KubeApi::secrets_labelled(const std::optional<std::string>& space, const std::string& selector) {
  return list(space ? secrets_of(*space) : kAllSecrets, {{"labelSelector", selector}});
}

KubeListing KubeApi::secrets_called(const std::optional<std::string>& space, const std::string& name) {
  return list(space ? secrets_of(*space) : kAllSecrets, {{"fieldSelector", "metadata.name=" + name}});
}

KubeOutcome KubeApi::create_secret(const std::string& space, const std::string& manifest) {
  return change({.method = "POST",
                 .path = with_query(secrets_of(space), {{"fieldManager", kFieldManager}}),
                 .type = "application/json",
                 .body = manifest,
                 .accept = kMetadata});
}

KubeOutcome KubeApi::apply_secret(const std::string& space, const std::string& name, const std::string& manifest) {
  // Forced, as controllers do: a field of ours that somebody else has set is ours again. Whose secret it is was decided before.
  return change({.method = "PATCH",
                 .path = with_query(secrets_of(space) + "/" + name, {{"fieldManager", kFieldManager}, {"force", "true"}}),
                 .type = "application/apply-patch+yaml",
                 .body = manifest,
                 .accept = kMetadata});
}

KubeOutcome KubeApi::remove_secret(const KubeObject& object) {
  JsonWriter json;
  json.begin_object().key("apiVersion").string("v1").key("kind").string("DeleteOptions").key("preconditions").begin_object();
  json.key("uid").string(object.uid).key("resourceVersion").string(object.version).end_object().end_object();
  return change({.method = "DELETE",
                 .path = secrets_of(object.space) + "/" + object.name,
                 .type = "application/json",
                 .body = std::move(json).text(),
                 .accept = "application/json"});
}

}  // namespace portcullis
