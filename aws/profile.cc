#include "aws/profile.h"

#include <algorithm>

namespace portcullis {
namespace {

constexpr std::size_t kFileBytes = 1024UL * 1024;

bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

/// A comment begins with `#` or `;` behind a blank.
std::string_view without_comment(std::string_view value) noexcept {
  for (std::size_t i = 1; i < value.size(); ++i) {
    if ((value[i] == '#' || value[i] == ';') && is_blank(value[i - 1])) return value.substr(0, i);
  }
  return value;
}

constexpr std::string_view kMarks = "-_/.%@:+";

bool is_profile_name(std::string_view name) noexcept {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || kMarks.find(c) != std::string_view::npos;
  });
}

/// `prefix name` with at least one blank between; empty if the text does not begin so.
std::optional<std::string_view> after_word(std::string_view text, std::string_view word) noexcept {
  if (!text.starts_with(word) || text.size() == word.size() || !is_blank(text[word.size()])) return std::nullopt;
  return trim(text.substr(word.size()));
}

using Sections = std::map<std::string, Properties, std::less<>>;

/// Reads one of the two files, line by line, into `out`.
class FileReader {
 public:
  FileReader(ProfileFiles& out, bool is_config, ProfileStrictness strictness) : out_(out), is_config_(is_config), strictness_(strictness) {}

  Result<void> read(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      if (line.ends_with('\r')) line.remove_suffix(1);
      ++line_number_;
      if (const auto taken = take(line); !taken) return taken.error();
    }
    return {};
  }

 private:
  Result<void> take(std::string_view line) {
    const std::string_view text = trim(line);
    if (text.empty()) return {};
    const bool indented = is_blank(line.front());
    if (!indented && (text.front() == '#' || text.front() == ';')) return {};
    if (!indented && text.front() == '[') return take_section(text);
    if (section_ == nullptr && !skipping_) return fault("Expected a profile definition");
    return indented ? take_continuation(text) : take_property(text);
  }

  Result<void> take_section(std::string_view text) {
    property_ = nullptr;
    section_ = nullptr;
    skipping_ = true;
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return fault("Profile definition must end with ']'");
    const std::string_view rest = trim(text.substr(end + 1));
    if (!rest.empty() && rest.front() != '#' && rest.front() != ';') return fault("Text behind a profile definition");
    const std::string_view name = trim(text.substr(1, end - 1));
    if (is_config_) return take_config_section(name);
    if (!is_profile_name(name)) return ignored("Invalid profile name");
    return open(out_.profiles, name);
  }

  Result<void> take_config_section(std::string_view name) {
    if (const auto session = after_word(name, "sso-session")) {
      return is_profile_name(*session) ? open(out_.sso_sessions, *session) : ignored("Invalid sso-session name");
    }
    if (const auto services = after_word(name, "services")) {
      return is_profile_name(*services) ? open(out_.services, *services) : ignored("Invalid services name");
    }
    const auto profile = after_word(name, "profile");
    if (!profile && name != "default")
      return ignored("A section of the config file must begin with 'profile', 'sso-session' or 'services'");
    if (!profile && prefixed_default_) return ignored("[profile default] takes precedence over [default]");
    const std::string_view chosen = profile.value_or(name);
    if (!is_profile_name(chosen)) return ignored("Invalid profile name");
    if (profile && chosen == "default" && !prefixed_default_) {
      prefixed_default_ = true;
      out_.profiles.erase("default");
    }
    return open(out_.profiles, chosen);
  }

  Result<void> open(Sections& sections, std::string_view name) {
    skipping_ = false;
    section_ = &sections[std::string(name)];
    return {};
  }

  Result<void> take_property(std::string_view text) {
    property_ = nullptr;
    if (skipping_) return {};
    const std::size_t separator = text.find_first_of("=:");
    if (separator == std::string_view::npos) return fault("Expected an '=' sign defining a property");
    const std::string_view name = trim(text.substr(0, separator));
    if (name.empty()) return fault("Property did not have a name");
    std::string_view value = trim(without_comment(text.substr(separator + 1)));
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
      value = value.substr(1, value.size() - 2);
    property_ = &(*section_)[lower_case(name)];
    *property_ = value;
    has_sub_properties_ = value.empty();
    return {};
  }

  Result<void> take_continuation(std::string_view text) {
    if (skipping_) return {};
    if (property_ == nullptr) return fault("Expected a property definition, found continuation");
    if (has_sub_properties_) {
      const std::size_t equals = text.find('=');
      if (equals == std::string_view::npos) return fault("Expected an '=' sign defining a sub-property");
      if (trim(text.substr(0, equals)).empty()) return fault("Sub-property did not have a name");
    }
    *property_ += '\n';
    *property_ += text;
    return {};
  }

  [[nodiscard]] std::string where(std::string_view what) const {
    return std::string(is_config_ ? "config" : "credentials") + " file, line " + std::to_string(line_number_) + ": " + std::string(what);
  }

  Result<void> fault(std::string_view what) {
    if (strictness_ == ProfileStrictness::strict) return Error{Reason::bad_request, where(what)};
    return ignored(what);
  }

  Result<void> ignored(std::string_view what) {
    out_.warnings.push_back(where(what) + " (ignored)");
    return {};
  }

  ProfileFiles& out_;
  const bool is_config_;
  const ProfileStrictness strictness_;
  int line_number_ = 0;
  Properties* section_ = nullptr;    ///< where properties go, or null
  std::string* property_ = nullptr;  ///< what a continuation belongs to, or null
  bool skipping_ = false;            ///< inside a section that was ignored
  bool has_sub_properties_ = false;
  bool prefixed_default_ = false;
};

}  // namespace

Result<ProfileFiles> parse_profiles(std::string_view config, std::string_view credentials, ProfileStrictness strictness) {
  if (config.size() > kFileBytes || credentials.size() > kFileBytes) return Error{Reason::bad_request, "an AWS file is larger than 1 MiB"};
  ProfileFiles files;
  if (const auto read = FileReader(files, true, strictness).read(config); !read) return read.error();
  if (const auto read = FileReader(files, false, strictness).read(credentials); !read) return read.error();
  return files;
}

std::optional<std::string> sub_property(std::string_view value, std::string_view name) {
  while (!value.empty()) {
    const std::size_t end = std::min(value.find('\n'), value.size());
    const std::string_view line = value.substr(0, end);
    value.remove_prefix(std::min(end + 1, value.size()));
    const std::size_t equals = line.find('=');
    if (equals != std::string_view::npos && lower_case(trim(line.substr(0, equals))) == name)
      return std::string(trim(line.substr(equals + 1)));
  }
  return std::nullopt;
}

}  // namespace portcullis
