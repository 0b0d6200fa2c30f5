// The decision log's lines: JSON, schema version 1 (docs/decision-log.schema.json).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "plugin/decisions/packed_records.h"
#include "plugin/decisions/record.h"
#include "policy/route.h"

namespace portcullis {

/// `v` of every line. A field may be added without a new number; none changes its meaning or goes.
inline constexpr std::int64_t kDecisionLineVersion = 1;

/// Names of the lines' fields, for the texts of a record.
std::string_view record_text_name(RecordText which) noexcept;
/// "none", "anonymous", "token".
std::string_view proof_name(Proof proof) noexcept;
/// "granted", "absent", "insufficient", "source_denied"; empty for what was not asked.
std::string_view scope_fact_name(ScopeFact scope) noexcept;
/// "read", "create", "update", "create_or_update", "delete"; empty for none.
std::string_view logged_action_name(Action action) noexcept;

/// Makes lines of records. One thread only: it remembers the second that it wrote last.
class LineWriter {
 public:
  /// Adds one line with its end behind `out`. Texts are escaped; what is empty is left out.
  void append(const DecisionRecord& record, std::string& out);

 private:
  friend class PackedLines;

  void begin(TimePoint time, std::string_view id, std::string& out);
  static void end(const PackedRecord& record, std::string& out);
  void append_time(TimePoint time, std::string& out);

  TimePoint second_{};
  std::string prefix_;  ///< of `second_`: `2026-11-22T06:41:23.`
};

/// Lines of packed records: a part that many share is made into text once. One thread only.
class PackedLines {
 public:
  /// Begins with the first of `records`, which stay as they are until `end` or until others begin.
  void begin(const PackedRecords& records) noexcept;
  void end() noexcept { records_ = nullptr; }
  /// Whether no record is left.
  [[nodiscard]] bool done() const noexcept { return records_ == nullptr || position_ >= records_->bytes(); }
  /// Bytes of records that are left.
  [[nodiscard]] std::size_t left() const noexcept { return done() ? 0 : records_->bytes() - position_; }
  /// Adds the line of the next record, which there is. Where memory runs out the record is passed over, and `out` may end with a part of
  /// its line.
  void append_next(std::string& out);
  /// Passes over what is left. How many records those are.
  std::uint64_t skip_rest() noexcept;

 private:
  struct Rendered {
    std::uint32_t position = 0;  ///< of the part; 0: none
    std::string text;
  };

  void append_part(const PackedRecord& record, RecordPart part, std::string& out);

  LineWriter writer_;
  const PackedRecords* records_ = nullptr;
  std::size_t position_ = 0;
  std::array<std::array<Rendered, 64>, kRecordParts> rendered_;
};

}  // namespace portcullis
