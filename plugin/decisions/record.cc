#include "plugin/decisions/record.h"

#include <cstring>

namespace portcullis {
namespace {

using Length = std::uint16_t;
constexpr std::size_t kLongestElement = 0xffff;
static_assert(kRecordListBytes <= kLongestElement && kRecordTextBytes <= kRecordListBytes);
static_assert(kRecordTexts <= 32, "`cut` has a bit for each");

/// Of a UTF-8 sequence (RFC 3629 section 3).
constexpr bool is_continuation(char byte) noexcept { return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U; }

}  // namespace

void DecisionRecord::set(RecordText which, std::string_view value) noexcept {
  if (value.size() > kRecordTextBytes) {
    cut |= 1U << static_cast<unsigned>(which);
    std::size_t end = kRecordTextBytes;
    while (end > kRecordTextBytes - 3 && is_continuation(value[end])) --end;
    value = value.substr(0, end);
  }
  texts[static_cast<std::size_t>(which)] = value;
}

void DecisionRecord::set_whole(RecordText which, std::string_view value) noexcept {
  const bool fits = value.size() <= kRecordListBytes;
  if (!fits) cut |= 1U << static_cast<unsigned>(which);
  texts[static_cast<std::size_t>(which)] = fits ? value : std::string_view();
}

std::string_view pack_list(std::span<const std::string> elements, std::string& scratch) {
  scratch.clear();
  for (const std::string& element : elements) {
    // The list is left out then; no need to copy the rest of it.
    if (element.size() > kLongestElement || scratch.size() > kRecordListBytes) return scratch.append(kRecordListBytes + 1, ' ');
    const auto length = static_cast<Length>(element.size());
    scratch.append(reinterpret_cast<const char*>(&length), sizeof length);
    scratch.append(element);
  }
  return scratch;
}

std::vector<std::string_view> unpack_list(std::string_view packed) {
  std::vector<std::string_view> elements;
  Length length = 0;
  while (packed.size() >= sizeof length) {
    std::memcpy(&length, packed.data(), sizeof length);
    packed.remove_prefix(sizeof length);
    if (length > packed.size()) break;
    elements.push_back(packed.substr(0, length));
    packed.remove_prefix(length);
  }
  return elements;
}

}  // namespace portcullis
