// portcullis-probe: JSON lines in, one JSON line out for each, so that thousands of published cases run in seconds. For tests; never
// installed.
#include <iostream>
#include <string>
#include <string_view>

#include "base/codec/json_writer.h"
#include "tests/probe/ops.h"

namespace portcullis::probe {
namespace {

constexpr JsonLimits kLineLimits{.bytes = 64UL * 1024 * 1024, .depth = 64, .members = 2'000'000};

struct Operation {
  std::string_view name;
  Answer (*run)(JsonView);
};

constexpr Operation kOperations[] = {{"raw", run_raw},          {"jws", run_jws},           {"jwt", run_jwt},
                                     {"key", run_key},          {"json", run_json},         {"base64url", run_base64url},
                                     {"cel", run_cel},          {"decide", run_decide},     {"glob", run_glob},
                                     {"sigv4", run_sigv4},      {"endpoint", run_endpoint}, {"aws_profiles", run_aws_profiles},
                                     {"ecr_host", run_ecr_host}};

Answer run(JsonView line) {
  const auto name = line.get("op").string();
  for (const Operation& operation : kOperations) {
    if (name == operation.name) return operation.run(line);
  }
  return Answer::not_understood("unknown op");
}

std::string render(JsonView id, const Answer& answer) {
  JsonWriter json;
  json.begin_object().key("id").raw(id.exists() ? id.dump() : "null");
  json.key("ok").boolean(answer.ok).key("reason").string(reason_name(answer.reason));
  if (!answer.detail.empty()) json.key("detail").string(answer.detail);
  for (const auto& [name, value] : answer.members) json.key(name).raw(value);
  json.end_object();
  return std::move(json).text();
}

std::string respond(std::string_view text) {
  const Result<JsonDocument> document = parse_json(text, kLineLimits);
  if (!document.ok()) return render({}, Answer::not_understood("the line is no JSON: " + document.error().detail));
  return render(document->root().get("id"), run(document->root()));
}

}  // namespace
}  // namespace portcullis::probe

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) {
    // Flushed each time: the other side may wait for the answer before it asks again.
    std::cout << portcullis::probe::respond(line) << std::endl;
  }
  return 0;
}
