#include "policy/cel/parse/faults.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/codec/utf8.h"

namespace portcullis::cel {
namespace {

constexpr std::size_t kShown = 10;
/// Characters beyond ASCII are taken to be wide, as cel-go takes them, so that the caret stands below the fault.
constexpr std::string_view kWideDot = "\uff0e";
constexpr std::string_view kWideCaret = "\uff3e";

std::size_t sequence_length(std::string_view text) { return std::max<std::size_t>(utf8_sequence_length(text), 1); }

}  // namespace

void Faults::add(std::uint32_t offset, std::string message) { faults_.push_back({offset, std::move(message)}); }

void Faults::replace(std::uint32_t offset, std::string message) {
  faults_.clear();
  add(offset, std::move(message));
}

std::string Faults::rendered(const Fault& fault) const {
  std::string_view rest = source_;
  std::string_view line = source_;
  std::size_t number = 1;
  std::size_t column = 0;
  for (std::uint32_t i = 0; i < fault.offset && !rest.empty(); ++i) {
    const bool ends = rest[0] == '\n';
    rest.remove_prefix(sequence_length(rest));
    column = ends ? 0 : column + 1;
    if (!ends) continue;
    ++number;
    line = rest;
  }
  line = line.substr(0, line.find('\n'));
  std::string shown(line);
  std::replace(shown.begin(), shown.end(), '\t', ' ');
  std::string caret;
  for (std::size_t i = 0; i <= column; ++i) {
    const std::size_t length = sequence_length(line);
    const bool wide = length > 1;
    caret += i == column ? (wide ? kWideCaret : "^") : (wide ? kWideDot : ".");
    line.remove_prefix(std::min(length, line.size()));
  }
  return "ERROR: <input>:" + std::to_string(number) + ":" + std::to_string(column + 1) + ": " + fault.message + "\n | " + shown + "\n | " +
         caret;
}

Error Faults::error() const {
  std::vector<Fault> ordered = faults_;
  std::stable_sort(ordered.begin(), ordered.end(), [](const Fault& a, const Fault& b) { return a.offset < b.offset; });
  std::string text;
  for (std::size_t i = 0; i < ordered.size() && i < kShown; ++i) text += (i == 0 ? "" : "\n") + rendered(ordered[i]);
  if (ordered.size() > kShown) text += "\n" + std::to_string(ordered.size() - kShown) + " more errors";
  return Error{Reason::compile_error, std::move(text)};
}

}  // namespace portcullis::cel
