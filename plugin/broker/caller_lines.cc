#include "plugin/broker/caller_lines.h"

#include <algorithm>
#include <utility>

#include "base/codec/percent.h"

namespace portcullis {

void CallerLines::refill(Line& line, SteadyPoint now) noexcept {
  const auto back = static_cast<std::size_t>(std::max<std::int64_t>(0, (now - line.counted) / kOneMoreEvery));
  if (back >= line.taken) {
    line.taken = 0;
    line.counted = now;
    return;
  }
  line.taken -= back;
  line.counted += kOneMoreEvery * static_cast<std::int64_t>(back);
}

void CallerLines::forget_idle(SteadyPoint now) noexcept {
  for (auto one = lines_.begin(); one != lines_.end();) {
    refill(one->second, now);
    const bool idle = one->second.taken == 0 && one->second.under_way == 0;
    one = idle ? lines_.erase(one) : std::next(one);
  }
}

Result<bool> CallerLines::enter(const std::string& caller, const LoginTarget& target, SteadyPoint now) {
  auto found = lines_.find(caller);
  if (found == lines_.end()) {
    if (lines_.size() >= kCallers) forget_idle(now);
    if (lines_.size() >= kCallers) return Error{Reason::overloaded, "too many callers ask for new logins"};
    found = lines_.emplace(caller, Line{}).first;
  }
  Line& line = found->second;
  refill(line, now);
  if (line.taken >= kBurst) {
    return Error{Reason::overloaded, "the caller " + escape_for_log(caller) + " has asked for " + std::to_string(kBurst) +
                                         " new logins and gets one more each " + std::to_string(kOneMoreEvery.count()) +
                                         " s: it should keep a login until it ends, and name fewer roles or repositories"};
  }
  const bool now_or_later = line.under_way < at_once_;
  if (!now_or_later) line.waiting.push_back(target);
  ++line.taken;
  line.under_way += now_or_later ? 1 : 0;
  return now_or_later;
}

std::optional<LoginTarget> CallerLines::leave(const std::string& caller) noexcept {
  const auto found = lines_.find(caller);
  if (found == lines_.end()) return std::nullopt;
  Line& line = found->second;
  if (line.waiting.empty()) {
    line.under_way -= std::min<std::size_t>(1, line.under_way);
    return std::nullopt;
  }
  std::optional<LoginTarget> next(std::move(line.waiting.front()));
  line.waiting.pop_front();
  return next;
}

}  // namespace portcullis
