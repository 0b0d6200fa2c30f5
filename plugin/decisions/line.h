// The decision log's lines: JSON, schema version 1 (docs/decision-log.schema.json).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
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
  void append_time(TimePoint time, std::string& out);

  TimePoint second_{};
  std::string prefix_;  ///< of `second_`: `2026-11-22T06:41:23.`
};

}  // namespace portcullis
