// Lines of the decision log: any text is read or refused, and whatever bytes a request brings, its line is one line that is read back.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/codec/utf8.h"
#include "plugin/decisions/line.h"
#include "plugin/decisions/logged.h"
#include "plugin/decisions/packed_records.h"
#include "plugin/decisions/record.h"

namespace {

using namespace portcullis;

void require(bool holds) {
  if (!holds) std::abort();
}

/// `f` and a text: cut at each zero byte, the pieces are the texts of a record, in their order.
void check_record(std::string_view text) {
  DecisionRecord record;
  record.time = TimePoint(std::chrono::milliseconds(1'795'333'283'512));
  record.proof = Proof::token;
  std::vector<std::string> kept;
  std::string scratch;
  for (std::size_t i = 0; i < kRecordTexts; ++i) {
    const std::string_view piece = text.substr(0, text.find('\0'));
    text.remove_prefix(std::min(text.size(), piece.size() + 1));
    const auto which = static_cast<RecordText>(i);
    kept.emplace_back(piece);
    if (which == RecordText::claims) continue;  // JSON already
    if (which >= RecordText::tags && which <= RecordText::missing_tags) continue;
    if (which == RecordText::groups || which == RecordText::absent_claims) continue;
    record.set(which, piece);
  }
  record.set_whole(RecordText::groups, pack_list(kept, scratch));
  PackedRecords packed;
  require(packed.append(record, 1 << 20) && packed.append(record, 1 << 20));
  PackedLines lines;
  lines.begin(packed);
  std::string line;
  lines.append_next(line);
  std::string again;
  lines.append_next(again);
  require(lines.done() && line == again && line.find('\n') == line.size() - 1);
  line.pop_back();
  const auto read = LoggedLine::read(line);
  const auto* const logged = std::get_if<LoggedLine>(&read);
  require(logged != nullptr);
  require(logged->decision().time == record.time && logged->decision().cut == (record.cut != 0));
  const std::string_view client = record.text(RecordText::client);
  if (is_utf8(client)) require(logged->decision().client == client);
  const std::string_view user = record.text(RecordText::username);
  if (is_utf8(user)) require(logged->decision().username == user);
  if (!record.is_cut(RecordText::groups)) require(logged->decision().groups.size() == kept.size());
}

/// What was read is whole: every view can be walked.
void check_line(std::string_view text) {
  const auto read = LoggedLine::read(text);
  const auto* const logged = std::get_if<LoggedLine>(&read);
  if (logged == nullptr) return;
  const LoggedDecision& decision = logged->decision();
  require(decision.weight >= 1);
  std::size_t bytes = decision.path.size() + decision.repository.size() + decision.username.size();
  for (const std::string_view group : decision.groups) bytes += group.size();
  require(bytes <= text.size());
  require(!decision.claims.exists() || decision.claims.is_object());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text[0] == 'f') check_record(text.substr(1));
  check_line(text);
  return 0;
}
