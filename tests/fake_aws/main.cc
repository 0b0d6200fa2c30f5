// portcullis-fake-aws: an AWS on loopback, which verifies what AWS verifies. For tests and the quickstart; never installed.
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>

#include "base/codec/json_writer.h"
#include "base/io/files.h"
#include "tests/fake_aws/cloud.h"
#include "tests/fake_aws/listener.h"
#include "tests/fake_aws/program.h"

namespace portcullis::fake_aws {
namespace {

constexpr std::size_t kLargestWorld = 16UL * 1024 * 1024;
constexpr std::size_t kLargestPem = 65536;
constexpr const char* kUsage =
    "usage: portcullis-fake-aws --world FILE [--tls-certificate FILE --tls-key FILE]\n\n"
    "Serves on free ports of 127.0.0.1 and prints one line of JSON: {\"aws\":URL,\"control\":URL[,\"awsTls\":URL]}.\n"
    "docs/development-aws.md says what the world file holds and what the control address takes.\n";

struct Options {
  std::string world;
  std::string certificate;
  std::string key;
};

std::optional<Options> read_options(int count, char** words) {
  Options options;
  for (int i = 1; i < count; i += 2) {
    const std::string name = words[i];
    if (i + 1 >= count) return std::nullopt;
    if (name == "--world") {
      options.world = words[i + 1];
    } else if (name == "--tls-certificate") {
      options.certificate = words[i + 1];
    } else if (name == "--tls-key") {
      options.key = words[i + 1];
    } else {
      return std::nullopt;
    }
  }
  if (options.world.empty() || options.certificate.empty() != options.key.empty()) return std::nullopt;
  return options;
}

constexpr const char* kProgram = "portcullis-fake-aws";

std::string url(const char* scheme, const Listener& listener) {
  return std::string(scheme) + "://127.0.0.1:" + std::to_string(listener.port());
}

int run(const Options& options) {
  const SystemFiles files;
  const auto text = files.read(options.world, kLargestWorld);
  if (!text) return give_up(kProgram, text.error());
  auto world = read_world(*text);
  if (!world) return give_up(kProgram, world.error());
  const sigset_t signals = block_signals();
  Cloud cloud(*std::move(world));
  Patience patience;
  const auto serve = [&cloud](const Request& request) { return cloud.serve(request); };
  const auto aws = Listener::start(serve, patience, std::nullopt);
  if (!aws) return give_up(kProgram, aws.error());
  const auto control = Listener::start([&cloud](const Request& request) { return cloud.control(request); }, patience, std::nullopt);
  if (!control) return give_up(kProgram, control.error());
  std::unique_ptr<Listener> tls;
  if (!options.certificate.empty()) {
    const auto certificate = files.read(options.certificate, kLargestPem);
    const auto key = files.read(options.key, kLargestPem);
    if (!certificate || !key) return give_up(kProgram, certificate ? key.error() : certificate.error());
    auto started = Listener::start(serve, patience, TlsIdentity{*certificate, *key});
    if (!started) return give_up(kProgram, started.error());
    tls = *std::move(started);
  }
  JsonWriter line;
  line.begin_object().key("aws").string(url("http", **aws)).key("control").string(url("http", **control));
  if (tls != nullptr) line.key("awsTls").string(url("https", *tls));
  return serve_until_told(line.end_object().text(), signals, patience);
}

}  // namespace
}  // namespace portcullis::fake_aws

int main(int count, char** words) {
  const auto options = portcullis::fake_aws::read_options(count, words);
  if (!options) {
    std::fputs(portcullis::fake_aws::kUsage, stderr);
    return 2;
  }
  return portcullis::fake_aws::run(*options);
}
