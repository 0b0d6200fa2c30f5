#include "tests/fake_kube/selectors.h"

#include <algorithm>

namespace portcullis::fake_kube {
namespace {

std::string trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return std::string(text);
}

/// At commas that stand in no parentheses.
std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char c : text) {
    depth += c == '(' ? 1 : (c == ')' ? -1 : 0);
    if (c == ',' && depth == 0) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  for (std::string& part : parts) part = trimmed(part);
  return parts;
}

/// `[prefix/]name` of letters, digits, `-`, `_` and `.`.
bool is_key(std::string_view text) {
  return !text.empty() && text.size() <= 317 && std::count(text.begin(), text.end(), '/') <= 1 &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == '/'; });
}

bool is_value(std::string_view text) {
  return text.size() <= 63 && text.find('/') == std::string_view::npos && (text.empty() || is_key(text));
}

std::optional<Requirement> read_part(const std::string& part) {
  const auto valued = [](Requirement::Kind kind, std::string_view key, std::vector<std::string> values) -> std::optional<Requirement> {
    Requirement one{.kind = kind, .key = trimmed(key), .values = std::move(values)};
    if (!is_key(one.key) || !std::all_of(one.values.begin(), one.values.end(), is_value)) return std::nullopt;
    return one;
  };
  const std::string_view view = part;
  for (const auto& [word, kind] : {std::pair(" notin (", Requirement::Kind::not_in), std::pair(" in (", Requirement::Kind::in)}) {
    const std::size_t at = view.find(word);
    if (at == std::string_view::npos) continue;
    if (!view.ends_with(')')) return std::nullopt;
    const std::size_t begin = at + std::string_view(word).size();
    return valued(kind, view.substr(0, at), split(view.substr(begin, view.size() - 1 - begin)));
  }
  for (const auto& [word, kind] :
       {std::pair("!=", Requirement::Kind::not_in), std::pair("==", Requirement::Kind::in), std::pair("=", Requirement::Kind::in)}) {
    const std::size_t at = view.find(word);
    if (at != std::string_view::npos) return valued(kind, view.substr(0, at), {trimmed(view.substr(at + std::string_view(word).size()))});
  }
  if (view.starts_with('!')) return valued(Requirement::Kind::absent, view.substr(1), {});
  return valued(Requirement::Kind::exists, view, {});
}

}  // namespace

std::optional<std::vector<Requirement>> read_label_selector(std::string_view text) {
  std::vector<Requirement> requirements;
  if (text.empty()) return requirements;
  for (const std::string& part : split(text)) {
    auto one = read_part(part);
    if (!one) return std::nullopt;
    requirements.push_back(*std::move(one));
  }
  return requirements;
}

bool matches(const std::vector<Requirement>& requirements, const std::map<std::string, std::string>& labels) {
  return std::all_of(requirements.begin(), requirements.end(), [&](const Requirement& one) {
    const auto found = labels.find(one.key);
    const bool there = found != labels.end();
    const bool listed = there && std::find(one.values.begin(), one.values.end(), found->second) != one.values.end();
    switch (one.kind) {
      case Requirement::Kind::in: return listed;
      case Requirement::Kind::not_in: return !listed;
      case Requirement::Kind::exists: return there;
      case Requirement::Kind::absent: return !there;
    }
    return false;
  });
}

std::optional<bool> matches_fields(std::string_view text, const std::map<std::string, std::string>& fields) {
  bool met = true;
  if (text.empty()) return met;
  for (const std::string& part : split(text)) {
    const std::size_t at = part.find('=');
    if (at == std::string::npos || at == 0) return std::nullopt;
    const bool negated = part[at - 1] == '!';
    const auto found = fields.find(part.substr(0, at - (negated ? 1 : 0)));
    if (found == fields.end()) return std::nullopt;
    const std::size_t value = part.find_first_not_of('=', at);
    const bool equal = found->second == (value == std::string::npos ? "" : part.substr(value));
    met = met && equal != negated;
  }
  return met;
}

}  // namespace portcullis::fake_kube
