// Any text as what Docker and the kubelet hand to us: an error that fits a line, or a host that can stand in a URL; and an Artifactory's
// answer.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "broker/artifactory_exchange.h"
#include "broker/docker_credential.h"
#include "broker/kubelet_credential.h"
#include "broker/registry_choice.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= 259 && std::all_of(host.begin(), host.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '/' && c != '@' && !(c >= 'A' && c <= 'Z');
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace portcullis;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto server = read_docker_server(text)) {
    if (const auto host = host_of_server(*server)) require(is_host(*host));
  } else {
    require(server.error().detail == kDockerNoServer);
  }
  if (const auto stored = read_docker_store(text); stored.ok()) require(!stored->empty());
  if (const auto request = read_kubelet_request(text)) {
    require(is_host(request->host) && !request->image.empty());
    require(!request->service_account_token || !request->service_account_token->empty());
  } else {
    require(request.error().reason == Reason::bad_request && request.error().detail.size() < 1024);
  }
  if (const auto token = read_exchange_answer(text, std::chrono::seconds(60))) {
    require(!token->user.empty() && token->user.find(':') == std::string::npos && !token->token.empty() && token->life.count() > 0);
  } else {
    require(token.error().reason == Reason::io_failed && token.error().detail.size() < 1024);
  }
  const std::string told = explain_refusal({.status = 401, .headers = {}, .body = std::string(text)}, "role", size % 2 == 0);
  require(told.size() < 2048 && told.find('\n') == std::string::npos);
  return 0;
}
