// What a test scripts while the cloud runs: faults to show, and a count of the calls that came.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/codec/json.h"
#include "base/result.h"
#include "tests/fake_aws/message.h"
#include "tests/fake_aws/protocol.h"

namespace portcullis::fake_aws {

enum class FaultKind {
  status,         ///< an HTTP status, with the error that AWS sends with it
  throttle,       ///< the service's throttling error
  expired_token,  ///< the credentials are said to be expired
  region_off,     ///< STS is switched off in this region
  access_denied,
  slow_bytes,     ///< the right answer, one byte each `pause`
  cut,            ///< half of the right answer, then the end of the connection
  delay,          ///< the right answer, `pause` later
  wrong_xml,      ///< status 200 and half of the right body: not well-formed, of JSON services not JSON
  reordered_xml,  ///< the right answer in another order, with comments and CDATA
};

struct Fault {
  std::string service;    ///< `secretsmanager`, `sts`, …
  std::string operation;  ///< empty: any
  std::optional<std::int64_t> times;
  FaultKind kind = FaultKind::status;
  int status = 0;
  std::chrono::milliseconds pause{0};
};

/// `{"service":…,"operation":…,"times":…,"status":…,"pauseMs":…}`. `Reason::bad_request`.
Result<Fault> read_fault(JsonView given);

class Script {
 public:
  void add(Fault fault) { faults_.push_back(std::move(fault)); }
  void clear() { faults_.clear(); }
  /// The first fault for this call, with one of its times used up.
  std::optional<Fault> take(std::string_view service, std::string_view operation);

  /// One call more. `code` is the error that it got, empty for none.
  void count(const std::string& service, const std::string& operation, const std::string& principal, const std::string& code);
  void forget_calls() { calls_.clear(); }
  /// `{"total":…,"calls":[{"service":…,"operation":…,"principal":…,"count":…,"errors":{code:…}}]}`.
  [[nodiscard]] std::string calls_json() const;

 private:
  struct Count {
    std::int64_t all = 0;
    std::map<std::string, std::int64_t> errors;
  };
  std::vector<Fault> faults_;
  std::map<std::tuple<std::string, std::string, std::string>, Count> calls_;
};

/// The refusal that `fault` is, or nothing where it spoils the right answer only.
std::optional<Refusal> refusal_of(const Fault& fault, Protocol protocol);
/// Does to `answer` what the fault says.
void spoil(Answer& answer, const Fault& fault);

}  // namespace portcullis::fake_aws
