#include "plugin/round_report.h"

#include <string>

#include "base/codec/percent.h"
#include "keystore/key_endings.h"

namespace portcullis {
namespace {

std::string as_line(const Error& error) {
  return std::string(reason_name(error.reason)) + (error.detail.empty() ? "" : ": " + error.detail);
}

/// Remembered keys serve on trust until the first good round.
void report_account(Log& log, const KeysOrigin& remembered, const KeysOrigin& answered) {
  if (remembered.account.empty() || answered.account.empty() || remembered.account == answered.account) return;
  log.write(LogLevel::error, "the last known good keys were those of another AWS account: they served until now",
            {{"remembered", remembered.account}, {"account", answered.account}});
}

}  // namespace

void report_round(Log& log, const SourceState& before, const SourceState& after) {
  if (after.last_error) {
    if (before.last_error == after.last_error) return;  // said once
    log.write(LogLevel::error,
              after.keys ? "keys cannot be read: the last good set serves" : "keys cannot be read: requests are answered 503",
              {{"source", after.name}, {"fault", as_line(*after.last_error)}, {"keys", after.key_count()}});
    return;
  }
  if (before.remembered && before.origin && after.origin) report_account(log, *before.origin, *after.origin);
  if (before.last_error) log.write(LogLevel::info, "keys can be read again", {{"source", after.name}});
  if (after.keys == before.keys) return;
  log.write(LogLevel::info, "keys in force",
            {{"source", after.name},
             {"keys", after.key_count()},
             {"quarantined", after.keys->quarantined().size()},
             {"digest", after.keys->digest()}});
  for (const QuarantinedKey& key : after.keys->quarantined())
    log.write(LogLevel::warn, "a key was set aside",
              {{"source", after.name},
               {"kid", escape_for_log(key.id)},
               {"reason", reason_name(key.error.reason)},
               {"detail", detail_for_log(key.error.detail)}});
}

void report_endings(Log& log, const SourceState& source, std::optional<TimePoint> seen, TimePoint now) {
  if (source.keys == nullptr) return;
  for (const Key* const key : newly_ending(*source.keys, seen, now))
    log.write(LogLevel::warn, "a key's certificate ends soon: renew it, or the key is set aside then and its tokens are refused",
              {{"source", source.name}, {"kid", escape_for_log(key->id())}, {"notAfter", to_rfc3339(*key->not_after())}});
}

void report_expired(Log& log, const SourceState& source) {
  log.write(LogLevel::error, "keys are older than portcullis.keys.maxStale: requests are answered 503", {{"source", source.name}});
}

}  // namespace portcullis
