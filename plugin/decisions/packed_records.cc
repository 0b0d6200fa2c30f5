#include "plugin/decisions/packed_records.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <span>
#include <type_traits>
#include <utility>

namespace portcullis {
namespace {

using Length = std::uint16_t;

/// What a buffer may keep when a flood is over.
constexpr std::size_t kKeptBytes = 1024UL * 1024;
constexpr std::size_t kMostBytes = std::numeric_limits<std::uint32_t>::max();

constexpr std::array kQuestionTexts{RecordText::rule,       RecordText::method,        RecordText::path,
                                    RecordText::repository, RecordText::reference,     RecordText::mount_source,
                                    RecordText::tags,       RecordText::existing_tags, RecordText::missing_tags};
constexpr std::array kIdentityTexts{RecordText::subject, RecordText::username, RecordText::groups,       RecordText::issuer,
                                    RecordText::kid,     RecordText::claims,   RecordText::absent_claims};
constexpr std::array kOriginTexts{RecordText::peer,          RecordText::client,        RecordText::user_agent,
                                  RecordText::forwarded_for, RecordText::config_digest, RecordText::policy_digest};
static_assert(kQuestionTexts.size() + kIdentityTexts.size() + kOriginTexts.size() + 1 == kRecordTexts, "each but `id` is in one part");

constexpr std::span<const RecordText> texts_of(RecordPart part) noexcept {
  switch (part) {
    case RecordPart::question: return kQuestionTexts;
    case RecordPart::identity: return kIdentityTexts;
    case RecordPart::origin: return kOriginTexts;
  }
  return {};
}

/// The first bytes of a record; its id and those of its parts that no record before it has stand behind them.
struct Head {
  TimePoint time;
  std::chrono::nanoseconds took;
  std::uint32_t weight;
  std::uint32_t cut;
  std::array<std::uint32_t, kRecordParts> parts;
  Length id;
};
static_assert(std::is_trivially_copyable_v<Head>);

/// More than all of a record but its texts.
constexpr std::size_t kFixedBytes = sizeof(Head) + sizeof(RecordFacts) + (kRecordTexts + 2 * kRecordParts) * sizeof(Length);
/// A part is at least that long, its length included.
constexpr std::size_t kLeastPart = sizeof(std::uint64_t);
static_assert(kOriginTexts.size() * sizeof(Length) >= kLeastPart);
// The longest part: three lists.
static_assert(kFixedBytes + 3 * kRecordListBytes + kRecordTexts * kRecordTextBytes <= std::numeric_limits<Length>::max());

/// Writes one value behind the other.
struct Packer {
  char* at;

  template <class T>
  void operator()(const T& value) noexcept {
    std::memcpy(at, &value, sizeof value);
    at += sizeof value;
  }
  void bytes(std::string_view text) noexcept {
    if (text.empty()) return;
    std::memcpy(at, text.data(), text.size());
    at += text.size();
  }
};

/// Reads what `Packer` wrote.
struct Unpacker {
  const char* at;

  template <class T>
  void operator()(T& value) noexcept {
    std::memcpy(&value, at, sizeof value);
    at += sizeof value;
  }
  std::string_view bytes(std::size_t count) noexcept { return {std::exchange(at, at + count), count}; }
};

/// The facts of a part, one after the other.
template <class Visitor, class Record>
void visit_facts(RecordPart part, Record& record, Visitor& visit) noexcept {
  switch (part) {
    case RecordPart::question:
      visit(record.route);
      visit(record.endpoint);
      visit(record.reason);
      visit(record.action);
      visit(record.kind);
      visit(record.has_mount_source);
      break;
    case RecordPart::identity:
      visit(record.key_generation);
      visit(record.proof);
      visit(record.scope);
      break;
    case RecordPart::origin: visit(record.tls); break;
  }
}

void pack_part(RecordPart part, const DecisionRecord& record, Packer& out) noexcept {
  char* const begin = out.at;
  out(Length{0});
  out(part);  // so that no part is taken for one of another kind
  visit_facts(part, record, out);
  for (const RecordText which : texts_of(part)) out(static_cast<Length>(record.text(which).size()));
  for (const RecordText which : texts_of(part)) out.bytes(record.text(which));
  const auto size = static_cast<Length>(out.at - begin);
  std::memcpy(begin, &size, sizeof size);
}

/// A number below 64 for the bytes of a part. Whoever chooses the bytes may make many have the same: then they stand there more than once.
std::size_t digest_of(const char* part, std::size_t size) noexcept {
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15U;
  std::uint64_t digest = size;
  std::uint64_t factor = kOdd;
  std::uint64_t word = 0;
  for (std::size_t at = 0; at + sizeof word <= size; at += sizeof word, factor += 2 * kOdd) {
    std::memcpy(&word, part + at, sizeof word);
    digest += (word ^ word >> 29U) * factor;
  }
  std::memcpy(&word, part + size - sizeof word, sizeof word);
  return ((digest ^ word) * kOdd) >> 58U;
}

std::size_t most_bytes_of(const DecisionRecord& record) noexcept {
  std::size_t size = kFixedBytes;
  for (const std::string_view text : record.texts) size += text.size();
  return size;
}

}  // namespace

PackedRecords& PackedRecords::operator=(PackedRecords&& other) noexcept {
  clear();
  swap(other);
  return *this;
}

void PackedRecords::swap(PackedRecords& other) noexcept {
  memory_.swap(other.memory_);
  std::swap(used_, other.used_);
  remembered_.swap(other.remembered_);
}

void PackedRecords::clear() noexcept {
  if (used_ > 0) remembered_ = {};
  used_ = 0;
  if (memory_.size() > kKeptBytes) std::string().swap(memory_);
}

void PackedRecords::make_room(std::size_t bytes, std::size_t bound) {
  if (bytes > memory_.size()) memory_.resize(std::max(bytes, std::min(2 * memory_.size(), bound)));
}

bool PackedRecords::is_at(std::uint32_t position, const char* part, std::size_t size) const noexcept {
  // Whatever is there begins with its length.
  return position != 0 && position + size <= used_ && std::memcmp(memory_.data() + position, part, size) == 0;
}

bool PackedRecords::append(const DecisionRecord& record, std::size_t bound) {
  bound = std::min(bound, kMostBytes);
  if (used_ >= bound) return false;
  make_room(used_ + most_bytes_of(record), bound);
  char* const begin = memory_.data() + used_;
  Head head{.time = record.time, .took = record.took, .weight = record.weight, .cut = record.cut, .parts = {}, .id = 0};
  head.id = static_cast<Length>(record.text(RecordText::id).size());
  Packer out{begin + sizeof head};
  out.bytes(record.text(RecordText::id));
  std::array<std::size_t, kRecordParts> slots{};
  for (std::size_t i = 0; i < kRecordParts; ++i) {
    char* const part = out.at;
    pack_part(static_cast<RecordPart>(i), record, out);
    const auto size = static_cast<std::size_t>(out.at - part);
    slots[i] = digest_of(part, size);
    const std::uint32_t before = remembered_[i][slots[i]];
    const bool known = is_at(before, part, size);
    head.parts[i] = known ? before : static_cast<std::uint32_t>(part - memory_.data());
    if (known) out.at = part;
  }
  std::memcpy(begin, &head, sizeof head);
  const auto used = static_cast<std::size_t>(out.at - memory_.data());
  if (used > bound) return false;
  for (std::size_t i = 0; i < kRecordParts; ++i) remembered_[i][slots[i]] = head.parts[i];
  used_ = used;
  return true;
}

PackedRecord PackedRecords::read(std::size_t& position) const noexcept {
  Head head;
  std::memcpy(&head, memory_.data() + position, sizeof head);
  position += sizeof head;
  PackedRecord record{.time = head.time, .took = head.took, .weight = head.weight, .cut = head.cut, .parts = head.parts, .id = {}};
  record.id = std::string_view(memory_).substr(position, head.id);
  position += head.id;
  for (const std::uint32_t part : head.parts) {
    if (part != position) continue;  // it stands with an earlier record
    Length size = 0;
    std::memcpy(&size, memory_.data() + position, sizeof size);
    position += size;
  }
  return record;
}

void PackedRecords::read_part(const PackedRecord& from, RecordPart part, DecisionRecord& into) const noexcept {
  Unpacker in{memory_.data() + from.parts[static_cast<std::size_t>(part)] + sizeof(Length) + sizeof part};
  visit_facts(part, into, in);
  std::array<Length, kRecordTexts> lengths{};
  const std::span<const RecordText> texts = texts_of(part);
  for (std::size_t i = 0; i < texts.size(); ++i) in(lengths[i]);
  for (std::size_t i = 0; i < texts.size(); ++i) into.texts[static_cast<std::size_t>(texts[i])] = in.bytes(lengths[i]);
}

DecisionRecord PackedRecords::whole(const PackedRecord& from) const noexcept {
  DecisionRecord record;
  record.time = from.time;
  record.took = from.took;
  record.weight = from.weight;
  record.cut = from.cut;
  record.texts[static_cast<std::size_t>(RecordText::id)] = from.id;
  for (std::size_t i = 0; i < kRecordParts; ++i) read_part(from, static_cast<RecordPart>(i), record);
  return record;
}

}  // namespace portcullis
