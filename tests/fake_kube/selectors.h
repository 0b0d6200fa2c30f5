// Label and field selectors of a query, as the API server reads them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace portcullis::fake_kube {

/// One part of a label selector.
struct Requirement {
  enum class Kind { in, not_in, exists, absent } kind = Kind::exists;
  std::string key;
  std::vector<std::string> values{};
};

/// Reads `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`, joined by commas. Nothing where the text is none.
std::optional<std::vector<Requirement>> read_label_selector(std::string_view text);
/// Whether `labels` meet every requirement; `!=` and `notin` are met by labels without the key.
bool matches(const std::vector<Requirement>& requirements, const std::map<std::string, std::string>& labels);

/// Reads `metadata.name=x,metadata.namespace!=y`: true where `fields` meet it, nothing where a field is not among `fields` or the text is
/// none.
std::optional<bool> matches_fields(std::string_view text, const std::map<std::string, std::string>& fields);

}  // namespace portcullis::fake_kube
