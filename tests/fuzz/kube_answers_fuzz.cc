// Fuzzes what the Kubernetes API answers: objects, lists and failures. The first byte picks the reader. Names that are taken must be such
// that they can stand in a path, and no failure's text may be long.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "broker/kubernetes/kube_object.h"
#include "broker/pull_secret/manifest.h"

namespace {

using namespace portcullis;

void check(const KubeObject& object) {
  if (!is_dns_subdomain(object.name) || object.name.find('/') != std::string::npos || object.name == "..") std::abort();
  if (!object.space.empty() && !is_dns_subdomain(object.space)) std::abort();
  if (object.uid.empty() || object.version.empty()) std::abort();
  // A secret that recorded no UID is nobody's.
  if (is_owned(object, "pulls") && !object.annotations.contains(std::string(kUidAnnotation))) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'o':
      if (const auto object = read_kube_object(text); object.ok()) check(*object);
      break;
    case 'l':
      if (const auto list = read_kube_list(text); list.ok()) {
        for (const KubeObject& object : list->objects) check(object);
      }
      break;
    default:
      if (describe_kube_failure(data[0] == 'f' ? 403 : 422, text).size() > 1200) std::abort();
      break;
  }
  return 0;
}
