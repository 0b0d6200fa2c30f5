#include "plugin/decisions/line.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "base/codec/json_writer.h"
#include "base/report/log.h"

namespace portcullis {
namespace {

constexpr std::array<std::string_view, kRecordTexts> kTextNames{
    "id",   "peer",         "client",       "method",    "path",         "repository", "reference", "mountSource",
    "tags", "existingTags", "missingTags",  "subject",   "username",     "groups",     "issuer",    "kid",
    "rule", "claims",       "absentClaims", "userAgent", "forwardedFor", "config",     "policy"};

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end.ptr);
}

/// `,"name":`. Names are ours: nothing in them needs an escape.
void append_name(std::string& out, std::string_view name) { out.append(",\"").append(name).append("\":"); }

/// For words of ours, which need no escape either.
void append_word(std::string& out, std::string_view name, std::string_view word) {
  if (word.empty()) return;
  append_name(out, name);
  out.append(1, '"').append(word).append(1, '"');
}

void append_count(std::string& out, std::string_view name, std::uint64_t number) {
  append_name(out, name);
  append_number(out, number);
}

void append_text(std::string& out, const DecisionRecord& record, RecordText which) {
  const std::string_view text = record.text(which);
  if (text.empty()) return;
  append_name(out, record_text_name(which));
  append_json_string(out, text);
}

void append_list(std::string& out, const DecisionRecord& record, RecordText which) {
  if (record.text(which).empty()) return;
  append_name(out, record_text_name(which));
  char before = '[';
  for (const std::string_view element : unpack_list(record.text(which))) {
    out += before;
    append_json_string(out, element);
    before = ',';
  }
  out += ']';
}

void append_cuts(std::string& out, std::uint32_t cut) {
  if (cut == 0) return;
  append_name(out, "cut");
  char before = '[';
  for (std::size_t i = 0; i < kRecordTexts; ++i) {
    if ((cut >> i & 1U) == 0) continue;
    out.append(1, before).append(1, '"').append(kTextNames[i]).append(1, '"');
    before = ',';
  }
  out += ']';
}

/// What was asked for, and what came of it.
void append_question(std::string& out, const DecisionRecord& record) {
  append_word(out, "endpoint", endpoint_name(record.endpoint));
  append_word(out, "decision", record.allowed() ? "allow" : "deny");
  append_word(out, "reason", reason_name(record.reason));
  append_text(out, record, RecordText::rule);
  append_text(out, record, RecordText::method);
  append_word(out, "route", record.route);
  append_text(out, record, RecordText::path);
  append_text(out, record, RecordText::repository);
  append_text(out, record, RecordText::reference);
  if (record.has_mount_source) {
    append_name(out, record_text_name(RecordText::mount_source));
    append_json_string(out, record.text(RecordText::mount_source));
  }
  append_list(out, record, RecordText::tags);
  append_list(out, record, RecordText::existing_tags);
  append_list(out, record, RecordText::missing_tags);
  append_word(out, "action", logged_action_name(record.action));
}

/// Who asked, as far as a token proves it.
void append_identity(std::string& out, const DecisionRecord& record) {
  append_word(out, "proof", proof_name(record.proof));
  if (record.proof != Proof::token) return;
  append_text(out, record, RecordText::subject);
  append_text(out, record, RecordText::username);
  append_list(out, record, RecordText::groups);
  append_text(out, record, RecordText::issuer);
  append_text(out, record, RecordText::kid);
  append_count(out, "keyGeneration", record.key_generation);
  append_word(out, "scope", scope_fact_name(record.scope));
  append_list(out, record, RecordText::absent_claims);
  if (record.text(RecordText::claims).empty()) return;
  append_name(out, record_text_name(RecordText::claims));
  out += record.text(RecordText::claims);
}

/// Where it came from, and what judged it.
void append_origin(std::string& out, const DecisionRecord& record) {
  append_text(out, record, RecordText::peer);
  append_text(out, record, RecordText::client);
  append_text(out, record, RecordText::user_agent);
  append_text(out, record, RecordText::forwarded_for);
  if (record.tls) out.append(",\"tls\":true");
  append_text(out, record, RecordText::config_digest);
  append_text(out, record, RecordText::policy_digest);
}

void append_part_of(const DecisionRecord& record, RecordPart part, std::string& out) {
  switch (part) {
    case RecordPart::question: return append_question(out, record);
    case RecordPart::identity: return append_identity(out, record);
    case RecordPart::origin: return append_origin(out, record);
  }
}

/// A text that is longer is made again each time.
constexpr std::size_t kRenderedBytes = 4096;

/// Below 64, for places that are some dozen bytes apart.
std::size_t slot_of(std::uint32_t position) noexcept { return (position * 0x9e3779b97f4a7c15U) >> 58U; }

}  // namespace

std::string_view record_text_name(RecordText which) noexcept { return kTextNames[static_cast<std::size_t>(which)]; }

std::string_view proof_name(Proof proof) noexcept {
  switch (proof) {
    case Proof::none: return "none";
    case Proof::anonymous: return "anonymous";
    case Proof::token: return "token";
  }
  return {};
}

std::string_view scope_fact_name(ScopeFact scope) noexcept {
  switch (scope) {
    case ScopeFact::not_asked: return {};
    case ScopeFact::granted: return "granted";
    case ScopeFact::absent: return "absent";
    case ScopeFact::insufficient: return "insufficient";
    case ScopeFact::source_denied: return "source_denied";
  }
  return {};
}

std::string_view logged_action_name(Action action) noexcept {
  switch (action) {
    case Action::none: return {};
    case Action::read: return "read";
    case Action::create: return "create";
    case Action::update: return "update";
    case Action::create_or_update: return "create_or_update";
    case Action::delete_: return "delete";
  }
  return {};
}

void LineWriter::append_time(TimePoint time, std::string& out) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  if (prefix_.empty() || second != second_) {
    prefix_ = to_rfc3339(second).substr(0, 20);
    second_ = second;  // only now: what goes wrong before leaves both as they were
  }
  const auto millis = static_cast<unsigned>((time - second).count());
  out.append(prefix_);
  for (const unsigned digit : {millis / 100, millis / 10 % 10, millis % 10}) out += static_cast<char>('0' + digit);
  out += 'Z';
}

void LineWriter::begin(TimePoint time, std::string_view id, std::string& out) {
  out.append("{\"v\":");
  append_number(out, kDecisionLineVersion);
  out.append(",\"time\":\"");
  append_time(time, out);
  out += '"';
  if (id.empty()) return;
  append_name(out, record_text_name(RecordText::id));
  append_json_string(out, id);
}

void LineWriter::end(const PackedRecord& record, std::string& out) {
  append_count(out, "durationUs", static_cast<std::uint64_t>(std::max<std::int64_t>(record.took.count(), 0)) / 1000);
  if (record.weight != 1) append_count(out, "weight", record.weight);
  append_cuts(out, record.cut);
  out.append("}\n");
}

void LineWriter::append(const DecisionRecord& record, std::string& out) {
  begin(record.time, record.text(RecordText::id), out);
  append_question(out, record);
  append_identity(out, record);
  append_origin(out, record);
  end({.time = record.time, .took = record.took, .weight = record.weight, .cut = record.cut, .parts = {}, .id = {}}, out);
}

void PackedLines::begin(const PackedRecords& records) noexcept {
  records_ = &records;
  position_ = 0;
  for (auto& kind : rendered_)
    for (Rendered& one : kind) one.position = 0;
}

void PackedLines::append_next(std::string& out) {
  const PackedRecord record = records_->read(position_);
  writer_.begin(record.time, record.id, out);
  for (std::size_t i = 0; i < kRecordParts; ++i) append_part(record, static_cast<RecordPart>(i), out);
  LineWriter::end(record, out);
}

void PackedLines::append_part(const PackedRecord& record, RecordPart part, std::string& out) {
  const std::uint32_t position = record.parts[static_cast<std::size_t>(part)];
  Rendered& known = rendered_[static_cast<std::size_t>(part)][slot_of(position)];
  if (known.position == position) {
    out.append(known.text);
    return;
  }
  DecisionRecord facts;
  records_->read_part(record, part, facts);
  const std::size_t before = out.size();
  append_part_of(facts, part, out);
  const std::string_view text = std::string_view(out).substr(before);
  if (text.size() > kRenderedBytes) return;
  known.position = 0;  // a copy that was begun is none
  known.text = text;
  known.position = position;
}

std::uint64_t PackedLines::skip_rest() noexcept {
  std::uint64_t count = 0;
  for (; !done(); ++count) (void)records_->read(position_);
  return count;
}

}  // namespace portcullis
