// `jwt` and `decide`: a token, or a whole question, before a gate that is made for one line.
#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/codec/json_writer.h"
#include "plugin/authorize.h"
#include "plugin/gate.h"
#include "plugin/http/header_scan.h"
#include "policy/decide.h"
#include "tests/probe/ops.h"
#include "tests/probe/world.h"

namespace portcullis::probe {
namespace {

constexpr std::string_view kMarkerHeader = "X-Portcullis-Marker";

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

void add_identity(Answer& answer, const VerifiedToken& token) {
  answer.members.emplace_back("username", quoted(token.identity.username));
  JsonWriter groups;
  groups.begin_array();
  for (const std::string& group : token.identity.groups) groups.string(group);
  groups.end_array();
  answer.members.emplace_back("groups", groups.text());
}

/// Strings of the line, kept while the request borrows them.
struct Question {
  std::string method;
  std::string uri;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  Peer peer;
  bool add_marker = true;
};

bool has(const Question& question, std::string_view header) {
  return std::any_of(question.headers.begin(), question.headers.end(),
                     [&](const auto& one) { return same_header_name(one.first, header); });
}

/// `Content-Length` above 0, `Transfer-Encoding`, or bytes: what the server would call a body.
bool has_body(const Question& question) {
  if (!question.body.empty() || has(question, "Transfer-Encoding")) return true;
  return std::any_of(question.headers.begin(), question.headers.end(),
                     [](const auto& one) { return same_header_name(one.first, "Content-Length") && one.second != "0"; });
}

bool read_headers(JsonView headers, Question& question) {
  if (!headers.exists()) return true;
  if (!headers.is_array()) return false;
  for (const JsonView pair : headers.elements()) {
    const std::vector<JsonView> both = pair.elements();
    if (both.size() != 2 || !both[0].string() || !both[1].string()) return false;
    question.headers.emplace_back(*both[0].string(), *both[1].string());
  }
  return true;
}

bool read_address(const std::string& text, Peer& peer) {
  in6_addr address{};
  if (::inet_pton(AF_INET6, text.c_str(), &address) != 1 && ::inet_pton(AF_INET6, ("::ffff:" + text).c_str(), &address) != 1) return false;
  peer.kind = Peer::Kind::tcp;
  std::copy(std::begin(address.s6_addr), std::end(address.s6_addr), peer.address.begin());
  return true;
}

/// Absent or "trusted": a trusted user of a unix socket with the right marker. "untrusted": any other user. "marker_missing": trusted,
/// without the marker. An address: a TCP peer with the right marker.
bool read_peer(JsonView value, Question& question) {
  question.peer = {.kind = Peer::Kind::unix_socket, .address = {}, .user_trusted = true, .text = "probe"};
  if (!value.exists()) return true;
  const auto text = value.string();
  if (!text) return false;
  if (*text == "trusted") return true;
  if (*text == "untrusted") question.peer.user_trusted = false;
  if (*text == "marker_missing") question.add_marker = false;
  if (*text == "untrusted" || *text == "marker_missing") return true;
  question.peer.user_trusted = false;
  return read_address(std::string(*text), question.peer);
}

/// What `endpoint` alone says of method and URI, where the line leaves them out.
bool read_target(JsonView line, Question& question) {
  const std::string_view endpoint = line.get("endpoint").string().value_or("auth");
  if (endpoint != "auth" && endpoint != "forward" && endpoint != "envoy") return false;
  question.method = line.get("method").string().value_or("GET");
  const std::string standing = endpoint == "envoy" ? "/envoy/" : "/" + std::string(endpoint);
  question.uri = line.get("uri").string().value_or(standing);
  question.body = line.get("body").string().value_or("");
  return true;
}

/// What a registry with these tags (`repository:tag`) would say of those that `access` writes.
std::vector<TagFact> tag_facts(JsonView existing, const Access& access) {
  const std::vector<JsonView> all = existing.elements();
  std::vector<TagFact> facts;
  for (const std::string& tag : written_tags(access)) {
    const std::string name = access.repository + ":" + tag;
    facts.push_back({tag, std::any_of(all.begin(), all.end(), [&](JsonView one) { return one.string() == name; })});
  }
  return facts;
}

std::string headers_json(const HttpAnswer& answer) {
  JsonWriter json;
  json.begin_array();
  for (const auto& [name, value] : answer.headers) json.begin_array().string(name).string(value).end_array();
  json.end_array();
  return std::move(json).text();
}

}  // namespace

Answer run_jwt(JsonView line) {
  const auto token = line.get("token").string();
  const Result<TimePoint> now = read_now(line);
  const auto repository = line.get("repository").string();
  const auto action = line.get("action").string();
  if (!token || !now.ok() || repository.has_value() != action.has_value()) {
    return Answer::not_understood("jwt needs token, config, keys and now; repository and action go together");
  }
  const Result<State> state = read_state(line, *now);
  if (!state.ok()) return Answer::refused(state.error());
  const Result<CheckedToken> checked = check_token(*token, *state, nullptr, *now, nullptr);
  if (!repository) {
    Answer answer = checked.ok() ? Answer::accepted() : Answer::refused(checked.error());
    if (checked.ok()) add_identity(answer, *checked->token);
    return answer;
  }
  const Decision decision = authorize_access(asked_access(*repository, *action), *token, *state, nullptr, *now, nullptr);
  Answer answer = decision.allowed() ? Answer::accepted() : Answer::refused(*decision.refusal);
  if (decision.token) add_identity(answer, *decision.token);
  answer.members.emplace_back("decision", decision.allowed() ? "\"allow\"" : "\"deny\"");
  return answer;
}

Answer run_decide(JsonView line) {
  const Result<TimePoint> now = read_now(line);
  Question question;
  if (!now.ok() || !read_target(line, question) || !read_headers(line.get("headers"), question) || !read_peer(line.get("peer"), question)) {
    return Answer::not_understood("decide needs config, keys, endpoint, method, uri, headers and now");
  }
  const Result<State> state = read_state(line, *now);
  if (!state.ok()) return Answer::refused(state.error());
  if (state->config.proxy.marker_file && question.add_marker && !has(question, kMarkerHeader)) {
    question.headers.emplace_back(kMarkerHeader, kMarker);
  }
  HttpRequest request{.method = question.method,
                      .raw_uri = question.uri,
                      .headers = {question.headers.begin(), question.headers.end()},
                      .has_body = has_body(question),
                      .body = question.body,
                      .peer = &question.peer};
  GateAnswer given = answer(request, *state, nullptr, "probe", *now);
  if (given.decision && given.decision->wants_tags && line.get("existing_tags").exists()) {
    const std::vector<TagFact> tags = tag_facts(line.get("existing_tags"), *given.decision->access);
    given = answer(request, *state, nullptr, "probe", *now, nullptr, tags);
  }
  const bool allowed = given.decision && given.decision->allowed();
  Answer out = allowed ? Answer::accepted() : Answer::not_understood("");
  if (given.decision && given.decision->refusal) out = Answer::refused(*given.decision->refusal);
  out.members.emplace_back("status", std::to_string(given.http.status));
  out.members.emplace_back("headers", headers_json(given.http));
  out.members.emplace_back("body", quoted(given.http.body));
  out.members.emplace_back("decision", allowed ? "\"allow\"" : "\"deny\"");
  return out;
}

}  // namespace portcullis::probe
