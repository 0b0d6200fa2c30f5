// A broker whose registries and further members a test gives.
#pragma once

#include <string>

#include "tests/config/sample.h"

namespace portcullis {

inline constexpr const char* kEcr = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
inline constexpr const char* kRole = "arn:aws:iam::123456789012:role/pull";

inline LoadedConfig load_broker(const std::string& members) { return load({.portcullis = "\"broker\":{" + members + "},"}); }

/// One registry with these members, and further members of the broker.
inline LoadedConfig load_login(const std::string& host, const std::string& login, const std::string& more = "") {
  return load_broker("\"registries\":{\"" + host + "\":{" + login + "}}" + more);
}

/// Where member `key` of registry `host` stands.
inline std::string at(const std::string& host, const std::string& key) { return "portcullis.broker.registries[\"" + host + "\"]." + key; }

inline std::string role(const std::string& more = "") { return std::string(R"("assumeRoleArn":")") + kRole + "\"" + more; }

}  // namespace portcullis
