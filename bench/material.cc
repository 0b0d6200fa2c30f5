#include "bench/material.h"

#include <chrono>
#include <cstdlib>
#include <utility>

#include "base/codec/json_writer.h"

namespace portcullis::bench {

const test::KeyPair& key_of(const Kind& kind) { return test::key_pair(kind.key, kind.key_id); }

const Kind& kind_of(std::string_view key_id) {
  for (const Kind& kind : kKinds) {
    if (kind.key_id == key_id) return kind;
  }
  std::abort();
}

std::string payload(TimePoint now, std::uint64_t number) {
  const std::int64_t issued = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  JsonWriter json;
  json.begin_object();
  json.key("iss").string("https://auth.example.org");
  json.key("sub").string("ci@example.org");
  json.key("aud").string("registry.example.org");
  json.key("iat").integer(issued);
  json.key("nbf").integer(issued - 60);
  json.key("exp").integer(issued + 30 * 86400);
  json.key("jti").string("bench-" + std::to_string(number));
  json.key("access").begin_array().begin_object();
  json.key("type").string("repository").key("name").string("team/app");
  json.key("actions").begin_array().string("pull").end_array();
  json.end_object().end_array().end_object();
  return std::move(json).text();
}

std::string token(const Kind& kind, TimePoint now, std::uint64_t number) {
  return test::mint(payload(now, number), key_of(kind), kind.algorithm, kind.key_id);
}

std::string forged_token(const Kind& kind, TimePoint now, std::uint64_t number) {
  return test::mint(payload(now, number), test::key_pair(kind.key, "nobody's"), kind.algorithm, kind.key_id);
}

std::string secret_of_all_kinds() {
  JsonWriter json;
  json.begin_object();
  for (const Kind& kind : kKinds) json.key(kind.key_id).string(key_of(kind).public_pem());
  json.end_object();
  return std::move(json).text();
}

}  // namespace portcullis::bench
