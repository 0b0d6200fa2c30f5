// Typed access to one JSON object of the configuration: keys in any letter case, every fault with its path, no key unseen.
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/codec/json.h"
#include "base/io/files.h"
#include "config/defaults.h"
#include "config/read/report.h"

namespace portcullis {

/// Where a reader reports to, and where relative paths start. Both outlive every `Section`.
struct ReadContext {
  Report& report;
  const std::string& folder;
  const Files* files = nullptr;  ///< for the files whose content is judged at load; null: they are not opened
};

/// One object, or its absence: then every key is absent, and nothing is reported. A getter reports what is wrong with a value and returns
/// nothing, as it does for an absent key; `has` tells the two apart. Every getter makes its key known; `finish` reports the members that
/// nobody asked for.
class Section {
 public:
  Section(const ReadContext& context, JsonView value, std::string path);

  /// Whether the object is in the file.
  [[nodiscard]] bool present() const noexcept { return present_; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] std::string path_of(std::string_view name) const;
  [[nodiscard]] const ReadContext& context() const noexcept { return context_; }

  /// Whether the key is in the object, with whatever value.
  bool has(std::string_view name);
  /// Whether the key is in the object and its value is null.
  bool is_null(std::string_view name);
  /// Whether the key is in the object and its value is `[]`.
  bool is_empty_list(std::string_view name);

  /// Not empty, no control characters.
  std::optional<std::string> text(std::string_view name);
  /// The same, and an absent or empty text is the error `missing`.
  std::optional<std::string> required_text(std::string_view name, std::string_view missing);
  /// A text of several lines, such as PEM.
  std::optional<std::string> lines(std::string_view name);
  /// A text, or a whole number as its decimal text.
  std::optional<std::string> text_or_number(std::string_view name);
  /// A file's path, relative ones inside the configuration's folder.
  std::optional<std::string> file(std::string_view name);
  /// A text that is one of `words`, to the letter.
  std::optional<std::string> word(std::string_view name, std::initializer_list<std::string_view> words);
  std::optional<bool> boolean(std::string_view name);
  /// An object of any content, as compact JSON text.
  std::optional<std::string> json_object(std::string_view name);
  std::optional<std::size_t> count(std::string_view name, const CountBounds& bounds);
  /// A Go duration in a text; a bare number is refused.
  std::optional<Duration> duration(std::string_view name, const DurationBounds& bounds);
  /// Texts; a single one stands for a list of one. Elements are not empty and have no control characters.
  std::optional<std::vector<std::string>> texts(std::string_view name);

  /// Reads an object; `read` runs for an absent one too, so that defaults are set in one place.
  void object(std::string_view name, const std::function<void(Section&)>& read);
  /// Reads a list of objects; a single one stands for a list of one.
  void objects(std::string_view name, const std::function<void(Section&, std::size_t)>& read);
  /// Reads an object whose keys are the operator's own; they keep their letter case.
  void map(std::string_view name, const std::function<void(std::string_view key, Section&)>& read);

  /// An object of texts under the operator's own keys, which keep their letter case; a text may be empty. Nothing where any is no text or
  /// holds control characters.
  std::optional<std::map<std::string, std::string>> texts_by_name(std::string_view name);

  /// Makes `name` known: zot's key, that Portcullis does not use. Goes into the notice if present.
  void unused(std::string_view name);
  void error(std::string_view name, std::string message);
  void warning(std::string_view name, std::string message);

  /// Reports members that nobody asked for, with the nearest key that exists. Sections made by `object`, `objects` and `map` are finished
  /// already.
  void finish();

 private:
  struct Member {
    std::string spelling;
    JsonView value;
  };

  JsonView get(std::string_view name);
  void wrong_type(const std::string& path, std::string_view expected, JsonView value);
  std::optional<std::string> checked_text(const std::string& path, JsonView value);

  const ReadContext& context_;
  std::string path_;
  bool present_;
  std::vector<std::pair<std::string, Member>> members_;  // by lower-case name, in the order of the file
  std::map<std::string, std::size_t, std::less<>> index_;
  std::vector<std::string> known_;
};

}  // namespace portcullis
