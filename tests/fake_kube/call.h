// One call of the API: what a path, a method and a query mean.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "tests/fake_aws/message.h"
#include "tests/fake_kube/access.h"
#include "tests/fake_kube/store.h"

namespace portcullis::fake_kube {

struct KubeCall {
  ObjectKey key;  ///< `name` empty: the collection
  AccessQuestion question;
  std::map<std::string, std::string> query;
};

/// The call of `request`, or nothing where no resource has that path and method.
std::optional<KubeCall> read_call(const fake_aws::Request& request);
/// Does it. The caller is known and may.
Reply run_call(Store& store, const KubeCall& call, const fake_aws::Request& request);
/// Discovery and version; nothing for other paths.
std::optional<Reply> discover(const std::string& path);
/// `reply` as the client accepts it: metadata alone where it asks for `PartialObjectMetadata`.
Reply in_accepted_form(Reply reply, const std::string& accept);

}  // namespace portcullis::fake_kube
