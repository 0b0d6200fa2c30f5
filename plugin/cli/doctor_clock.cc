#include "plugin/cli/doctor_clock.h"

#include "aws/dates.h"

namespace portcullis {
namespace {

std::string host_of(const std::string& url) {
  const std::size_t begin = url.find("://");
  if (begin == std::string::npos) return url;
  return url.substr(begin + 3, url.find_first_of("/?", begin + 3) - begin - 3);
}

}  // namespace

Result<IncomingAnswer> ClockWatch::send(const OutgoingRequest& request) {
  auto answer = http_.send(request);
  const auto text = answer ? answer->header("Date") : std::nullopt;
  const auto date = text ? parse_http_date(*text) : std::nullopt;
  if (!date) return answer;
  const auto ahead = std::chrono::duration_cast<std::chrono::seconds>(*date - clock_.now());
  const MutexLock lock(mutex_);
  if (!farthest_ || std::chrono::abs(ahead) > std::chrono::abs(farthest_->ahead)) farthest_ = Seen{ahead, host_of(request.url)};
  return answer;
}

void ClockWatch::report(DoctorReport& report) const {
  const MutexLock lock(mutex_);
  if (!farthest_) return report.skip("clock", "clock", "nobody who was asked told the time");
  const auto off = std::chrono::abs(farthest_->ahead);
  const std::string detail =
      std::to_string(off.count()) + " s " + (farthest_->ahead.count() > 0 ? "behind " : "ahead of ") + farthest_->host;
  if (off <= kMost) return report.ok("clock", "clock", detail);
  report.fail("clock", "clock", detail,
              "let an NTP client set the clock: tokens are judged by it, and AWS refuses what is signed five minutes off");
}

}  // namespace portcullis
