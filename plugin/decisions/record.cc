#include "plugin/decisions/record.h"

#include <cstring>
#include <type_traits>

namespace portcullis {
namespace {

using Length = std::uint16_t;
constexpr std::size_t kLongestElement = 0xffff;
static_assert(kRecordListBytes <= kLongestElement && kRecordTextBytes <= kRecordListBytes);
static_assert(kRecordTexts <= 32, "`cut` has a bit for each");
static_assert(std::is_trivially_copyable_v<RecordFacts>);

using Lengths = std::array<Length, kRecordTexts>;
constexpr std::size_t kHeadBytes = sizeof(RecordFacts) + sizeof(Lengths);

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

std::size_t packed_size(const DecisionRecord& record) noexcept {
  std::size_t size = kHeadBytes;
  for (const std::string_view text : record.texts) size += text.size();
  return size;
}

void pack_record(const DecisionRecord& record, std::string& out) {
  Lengths lengths;
  for (std::size_t i = 0; i < kRecordTexts; ++i) lengths[i] = static_cast<Length>(record.texts[i].size());
  const RecordFacts& facts = record;
  out.append(reinterpret_cast<const char*>(&facts), sizeof facts);
  out.append(reinterpret_cast<const char*>(lengths.data()), sizeof lengths);
  for (const std::string_view text : record.texts) out.append(text);
}

DecisionRecord unpack_record(std::string_view& packed) noexcept {
  DecisionRecord record;
  Lengths lengths;
  std::memcpy(static_cast<RecordFacts*>(&record), packed.data(), sizeof(RecordFacts));
  std::memcpy(lengths.data(), packed.data() + sizeof(RecordFacts), sizeof lengths);
  packed.remove_prefix(kHeadBytes);
  for (std::size_t i = 0; i < kRecordTexts; ++i) {
    record.texts[i] = packed.substr(0, lengths[i]);
    packed.remove_prefix(lengths[i]);
  }
  return record;
}

}  // namespace portcullis
