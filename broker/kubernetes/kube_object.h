// What we read of objects of the Kubernetes API: their metadata, never their data.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace portcullis {

/// `metadata` of one object.
struct KubeObject {
  std::string space;  ///< its namespace; empty for what has none
  std::string name;
  std::string uid;
  std::string version;  ///< `resourceVersion`: compared for equality alone
  std::map<std::string, std::string> labels{};
  std::map<std::string, std::string> annotations{};
  bool going = false;  ///< its deletion has begun

  friend bool operator==(const KubeObject&, const KubeObject&) = default;
};

/// One page of a list.
struct KubeList {
  std::vector<KubeObject> objects;
  std::string next;  ///< `continue` of the next page; empty: this was the last
};

/// Largest answer that is read, in bytes: a page of 500 objects with as many annotations as they may have is smaller in practice.
inline constexpr std::size_t kKubeAnswerBytes = 16UL * 1024 * 1024;

/// Reads one object: a whole one, or its `PartialObjectMetadata`. `Reason::json_malformed` for what is no JSON object of that form; names
/// and namespaces must be DNS-1123 subdomains, so that they can stand in a path, uid and version of printable ASCII.
Result<KubeObject> read_kube_object(std::string_view text);
/// Reads a list of such. `Reason::json_malformed`.
Result<KubeList> read_kube_list(std::string_view text);

/// What a failed call says for the log, out of a `Status`: its reason, and its message where that cannot quote what we sent; of a refused
/// object the fields that are wrong. At most about 300 bytes; never the answer's raw text.
std::string describe_kube_failure(int status, std::string_view text);

/// Lower-case letters, digits, `-` and `.`, each label beginning and ending with a letter or digit, 253 bytes at most (RFC 1123).
bool is_dns_subdomain(std::string_view text) noexcept;

}  // namespace portcullis
