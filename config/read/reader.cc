#include "config/read/reader.h"

#include <algorithm>

#include "base/codec/json_writer.h"
#include "base/io/files.h"
#include "config/duration.h"
#include "config/read/nearest.h"

namespace portcullis {
namespace {

/// A section with more keys than this names only the nearest.
constexpr std::size_t kKeysToList = 12;

bool has_control(std::string_view text) noexcept {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// A key of the file as part of a path: bare if it is a plain word, else as a JSON string in brackets.
std::string path_part(std::string_view key) {
  const bool plain = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '$';
  });
  if (plain) return std::string(key);
  std::string out = "[";
  append_json_string(out, key);
  return out + "]";
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

std::string element_path(const std::string& path, std::size_t index) { return path + "[" + std::to_string(index) + "]"; }

}  // namespace

Section::Section(const ReadContext& context, JsonView value, std::string path)
    : context_(context), path_(std::move(path)), present_(value.is_object()) {
  for (const auto& [name, member] : value.members()) {
    std::string lower = lower_case(name);
    const auto [found, fresh] = index_.emplace(lower, members_.size());
    if (fresh) {
      members_.emplace_back(std::move(lower), Member{std::string(name), member});
    } else {
      context_.report.error(path_of(name),
                            "two spellings of one key: " + in_quotes(members_[found->second].second.spelling) + " and " + in_quotes(name));
    }
  }
}

std::string Section::path_of(std::string_view name) const {
  const std::string part = path_part(name);
  return path_.empty() || part.starts_with('[') ? path_ + part : path_ + "." + part;
}

JsonView Section::get(std::string_view name) {
  if (std::find(known_.begin(), known_.end(), name) == known_.end()) known_.emplace_back(name);
  context_.report.know(path_of(name));
  const auto found = index_.find(lower_case(name));
  return found == index_.end() ? JsonView() : members_[found->second].second.value;
}

bool Section::has(std::string_view name) { return get(name).exists(); }

bool Section::is_null(std::string_view name) { return get(name).is_null(); }

bool Section::is_empty_list(std::string_view name) {
  const JsonView value = get(name);
  return value.is_array() && value.size() == 0;
}

void Section::error(std::string_view name, std::string message) { context_.report.error(path_of(name), std::move(message)); }

void Section::warning(std::string_view name, std::string message) { context_.report.warning(path_of(name), std::move(message)); }

void Section::wrong_type(const std::string& path, std::string_view expected, JsonView value) {
  std::string message = "must be " + std::string(expected) + ", not ";
  message += value.is_null() ? "null; leave the key out" : std::string(value.type_name());
  context_.report.error(path, std::move(message));
}

std::optional<std::string> Section::checked_text(const std::string& path, JsonView value) {
  const auto text = value.string();
  if (!text) {
    wrong_type(path, "a string", value);
  } else if (text->empty()) {
    context_.report.error(path, "must not be empty; leave the key out instead");
  } else if (has_control(*text)) {
    context_.report.error(path, "must not hold control characters");
  } else {
    return std::string(*text);
  }
  return std::nullopt;
}

std::optional<std::string> Section::text(std::string_view name) {
  const JsonView value = get(name);
  if (!value.exists()) return std::nullopt;
  return checked_text(path_of(name), value);
}

std::optional<std::string> Section::required_text(std::string_view name, std::string_view missing) {
  const JsonView value = get(name);
  const bool absent = !value.exists() || value.string() == std::string_view();
  if (!absent) return checked_text(path_of(name), value);
  if (present_) error(name, std::string(missing));
  return std::nullopt;
}

std::optional<std::string> Section::lines(std::string_view name) {
  const JsonView value = get(name);
  if (!value.exists()) return std::nullopt;
  const auto text = value.string();
  if (!text) {
    wrong_type(path_of(name), "a string", value);
    return std::nullopt;
  }
  return std::string(*text);
}

std::optional<std::string> Section::text_or_number(std::string_view name) {
  const JsonView value = get(name);
  if (!value.exists()) return std::nullopt;
  if (const auto number = value.integer()) return std::to_string(*number);
  return checked_text(path_of(name), value);
}

std::optional<std::string> Section::file(std::string_view name) {
  auto written = text(name);
  if (!written) return std::nullopt;
  std::string path = resolve_path(context_.folder, *written);
  if (path.size() <= defaults::kPathBytes) return path;
  error(name, "a path has at most " + std::to_string(defaults::kPathBytes) + " bytes");
  return std::nullopt;
}

std::optional<std::string> Section::word(std::string_view name, std::initializer_list<std::string_view> words) {
  auto written = text(name);
  if (!written) return std::nullopt;
  if (std::find(words.begin(), words.end(), *written) != words.end()) return written;
  const std::vector<std::string> known(words.begin(), words.end());
  const auto near = nearest(*written, known);
  error(name, in_quotes(*written) + " is not one of " + joined(known) + (near ? "; did you mean " + in_quotes(*near) + "?" : ""));
  return std::nullopt;
}

std::optional<bool> Section::boolean(std::string_view name) {
  const JsonView value = get(name);
  if (!value.exists()) return std::nullopt;
  const auto flag = value.boolean();
  if (!flag) wrong_type(path_of(name), "true or false", value);
  return flag;
}

std::optional<std::string> Section::json_object(std::string_view name) {
  const JsonView value = get(name);
  if (!value.exists()) return std::nullopt;
  if (value.is_object()) return value.dump();
  wrong_type(path_of(name), "an object", value);
  return std::nullopt;
}

std::optional<std::size_t> Section::count(std::string_view name, const CountBounds& bounds) {
  const JsonView value = get(name);
  if (!value.exists()) return std::nullopt;
  const auto number = value.integer();
  if (!number) {
    wrong_type(path_of(name), "a whole number", value);
  } else if (*number < 0 || static_cast<std::size_t>(*number) < bounds.least || static_cast<std::size_t>(*number) > bounds.most) {
    error(name, "must be from " + std::to_string(bounds.least) + " to " + std::to_string(bounds.most));
  } else {
    return static_cast<std::size_t>(*number);
  }
  return std::nullopt;
}

std::optional<Duration> Section::duration(std::string_view name, const DurationBounds& bounds) {
  const JsonView value = get(name);
  if (!value.exists()) return std::nullopt;
  if (value.number()) {
    error(name, "a bare number has no unit (zot would read nanoseconds); write \"" + value.dump() + "s\" for seconds");
    return std::nullopt;
  }
  const auto written = checked_text(path_of(name), value);
  if (!written) return std::nullopt;
  const auto parsed = parse_duration(*written);
  if (!parsed) {
    error(name, parsed.error().detail);
  } else if (*parsed < bounds.least || *parsed > bounds.most) {
    error(name, "must be from " + format_duration(bounds.least) + " to " + format_duration(bounds.most));
  } else {
    return *parsed;
  }
  return std::nullopt;
}

std::optional<std::vector<std::string>> Section::texts(std::string_view name) {
  const JsonView value = get(name);
  if (!value.exists()) return std::nullopt;
  const std::string path = path_of(name);
  if (!value.is_array() && !value.string()) {
    wrong_type(path, "a list of strings", value);
    return std::nullopt;
  }
  std::vector<std::string> all;
  bool good = true;
  const std::vector<JsonView> elements = value.is_array() ? value.elements() : std::vector<JsonView>{value};
  for (std::size_t i = 0; i < elements.size(); ++i) {
    auto element = checked_text(value.is_array() ? element_path(path, i) : path, elements[i]);
    good = good && element;
    if (element) all.push_back(std::move(*element));
  }
  if (!good) return std::nullopt;
  return all;
}

std::optional<std::map<std::string, std::string>> Section::texts_by_name(std::string_view name) {
  const JsonView value = get(name);
  if (!value.exists()) return std::nullopt;
  if (!value.is_object()) {
    wrong_type(path_of(name), "an object of strings", value);
    return std::nullopt;
  }
  std::map<std::string, std::string> all;
  bool good = true;
  for (const auto& [key, member] : value.members()) {
    const std::string at = path_of(name) + "[" + in_quotes(key) + "]";
    const auto text = member.string();
    if (!text) wrong_type(at, "a string", member);
    if (text && has_control(*text)) context_.report.error(at, "must not hold control characters");
    good = good && text && !has_control(*text);
    if (text) all.emplace(std::string(key), std::string(*text));
  }
  if (!good) return std::nullopt;
  return all;
}

void Section::object(std::string_view name, const std::function<void(Section&)>& read) {
  const JsonView value = get(name);
  if (value.exists() && !value.is_object()) wrong_type(path_of(name), "an object", value);
  Section inner(context_, value, path_of(name));
  read(inner);
  inner.finish();
}

void Section::objects(std::string_view name, const std::function<void(Section&, std::size_t)>& read) {
  const JsonView value = get(name);
  const std::string path = path_of(name);
  const auto one = [&](JsonView element, const std::string& element_at, std::size_t index) {
    if (element.exists() && !element.is_object()) return wrong_type(element_at, "an object", element);
    Section inner(context_, element, element_at);
    read(inner, index);
    inner.finish();
  };
  if (context_.report.recording()) return one(JsonView(), path + "[]", 0);
  if (!value.exists()) return;
  if (value.is_object()) return one(value, path, 0);
  if (!value.is_array()) return wrong_type(path, "a list of objects", value);
  const std::vector<JsonView> elements = value.elements();
  for (std::size_t i = 0; i < elements.size(); ++i) one(elements[i], element_path(path, i), i);
}

void Section::map(std::string_view name, const std::function<void(std::string_view, Section&)>& read) {
  const JsonView value = get(name);
  const std::string path = path_of(name);
  const auto one = [&](std::string_view key, JsonView element, const std::string& element_at) {
    if (element.exists() && !element.is_object()) return wrong_type(element_at, "an object", element);
    Section inner(context_, element, element_at);
    read(key, inner);
    inner.finish();
  };
  if (context_.report.recording()) return one({}, JsonView(), path + ".*");
  if (value.exists() && !value.is_object()) return wrong_type(path, "an object", value);
  for (const auto& [key, element] : value.members()) {
    std::string element_at = path + "[";
    append_json_string(element_at, key);
    one(key, element, element_at + "]");
  }
}

void Section::unused(std::string_view name) {
  if (has(name)) context_.report.unused(path_of(name));
}

void Section::finish() {
  for (const auto& [name, member] : members_) {
    const std::string& lower = name;
    const bool known =
        std::any_of(known_.begin(), known_.end(), [&lower](const std::string& other) { return equal_in_any_case(other, lower); });
    if (known) continue;
    std::string message = "unknown key";
    if (const auto near = nearest(member.spelling, known_)) {
      message += "; did you mean " + in_quotes(*near) + "?";
    } else if (known_.size() <= kKeysToList && !known_.empty()) {
      message += "; the keys here are " + joined(known_);
    }
    error(member.spelling, std::move(message));
  }
}

}  // namespace portcullis
