// portcullis-fake-kube: a Kubernetes API of namespaces and secrets on loopback, which kubectl can talk to. For tests; never installed.
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string>

#include "base/codec/json_writer.h"
#include "base/io/files.h"
#include "tests/fake_aws/listener.h"
#include "tests/fake_aws/program.h"
#include "tests/fake_kube/cluster.h"

namespace portcullis::fake_kube {
namespace {

using fake_aws::block_signals;
using fake_aws::give_up;
using fake_aws::Listener;
using fake_aws::Patience;
using fake_aws::TlsIdentity;

constexpr std::size_t kLargestFile = 1024UL * 1024;

constexpr const char* kProgram = "portcullis-fake-kube";

int run(const std::string& world, const std::string& certificate, const std::string& key) {
  const SystemFiles files;
  const auto text = files.read(world, kLargestFile);
  const auto chain = files.read(certificate, kLargestFile);
  const auto private_key = files.read(key, kLargestFile);
  for (const auto* read : {&text, &chain, &private_key}) {
    if (!*read) return give_up(kProgram, read->error());
  }
  Cluster cluster;
  if (const auto filled = fill_cluster(cluster, *text); !filled) return give_up(kProgram, filled.error());
  const sigset_t signals = block_signals();
  Patience patience;
  const auto api = Listener::start([&cluster](const fake_aws::Request& request) { return cluster.serve(request); }, patience,
                                   TlsIdentity{*chain, *private_key});
  if (!api) return give_up(kProgram, api.error());
  const auto control =
      Listener::start([&cluster](const fake_aws::Request& request) { return cluster.control(request); }, patience, std::nullopt);
  if (!control) return give_up(kProgram, control.error());
  JsonWriter line;
  line.begin_object().key("api").string("https://127.0.0.1:" + std::to_string((*api)->port()));
  line.key("control").string("http://127.0.0.1:" + std::to_string((*control)->port())).end_object();
  return fake_aws::serve_until_told(line.text(), signals, patience);
}

}  // namespace
}  // namespace portcullis::fake_kube

int main(int count, char** words) {
  if (count != 4) {
    std::fputs(
        "usage: portcullis-fake-kube WORLD CERTIFICATE KEY\n\n"
        "Serves on free ports of 127.0.0.1 and prints one line of JSON: {\"api\":URL,\"control\":URL}.\n"
        "WORLD: "
        "{\"users\":[{\"token\":…,\"name\":…,\"rules\":[{\"verbs\":[…],\"resources\":[…],\"namespace\":…}]}],\"namespaces\":[{\"name\":…,"
        "\"labels\":{…}}]}\n",
        stderr);
    return 2;
  }
  return portcullis::fake_kube::run(words[1], words[2], words[3]);
}
