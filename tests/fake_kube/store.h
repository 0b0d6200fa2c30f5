// The objects of the cluster: namespaces and secrets, their versions, and what the server sees to at each write.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "tests/fake_kube/managed_fields.h"
#include "tests/fake_kube/reply.h"
#include "tests/fake_kube/selectors.h"

namespace portcullis::fake_kube {

/// Resource (`namespaces`, `secrets`), namespace (empty for namespaces), name.
struct ObjectKey {
  std::string resource;
  std::string space;
  std::string name;

  friend auto operator<=>(const ObjectKey&, const ObjectKey&) = default;
};

/// A write, and as whom.
struct Write {
  std::string manager;
  bool force = false;
};

/// What a list is limited to.
struct ListQuery {
  std::vector<Requirement> labels{};
  std::string fields{};
  std::size_t limit = 0;  ///< 0: everything
  std::string next{};     ///< `continue`
};

/// Not safe from many threads.
class Store {
 public:
  Reply get(const ObjectKey& key) const;
  Reply list(const std::string& resource, const std::string& space, const ListQuery& query) const;
  Reply create(const ObjectKey& place, Json object, const Write& write);
  Reply replace(const ObjectKey& key, Json object, const Write& write);
  /// RFC 7396; what Kubernetes' strategic merge does with these resources is the same.
  Reply merge(const ObjectKey& key, const json_t* patch, const Write& write);
  Reply apply_object(const ObjectKey& key, Json wanted, const Write& write);
  /// `preconditions` of DeleteOptions may be null.
  Reply remove(const ObjectKey& key, const json_t* preconditions);
  /// A namespace's deletion begins and does not end.
  Reply hold_deletion(const std::string& space);
  [[nodiscard]] std::size_t size() const noexcept { return objects_.size(); }

 private:
  struct Stored {
    Json object;
    std::vector<FieldManager> managers;
  };

  std::optional<Reply> refuse_new(const ObjectKey& key) const;
  Reply store(const ObjectKey& key, Json object, std::vector<FieldManager> managers, int status);
  Reply change(const ObjectKey& key, Json object, std::vector<FieldManager> managers);
  Json shown(const Stored& stored) const;

  std::map<ObjectKey, Stored> objects_;
  unsigned long long version_ = 1000;
  unsigned long long next_uid_ = 1;
};

/// What is wrong with an object of `resource`, as a 422, or nothing. `before` is null for a new one.
std::optional<Reply> refuse_invalid(const std::string& resource, const json_t* object, const json_t* before);

}  // namespace portcullis::fake_kube
