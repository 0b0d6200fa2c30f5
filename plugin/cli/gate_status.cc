#include "plugin/cli/gate_status.h"

#include <utility>

#include "base/codec/percent.h"

namespace portcullis {

Result<GateStatus> ask_gate_status(HttpTransport& http, std::string address) {
  if (address.find("://") == std::string::npos) address.insert(0, "http://");
  const std::size_t path = address.find('/', address.find("://") + 3);
  if (path == std::string::npos) {
    address += "/status";
  } else if (path + 1 == address.size()) {
    address += "status";
  }
  OutgoingRequest request;
  request.method = "GET";
  request.url = address;
  request.headers = {{"Accept", "application/json"}};
  request.body_limit = kStatusLimits.bytes;
  request.reachable = ReachableHosts::with_loopback;
  Result<IncomingAnswer> answer = http.send(request);
  std::string shown = escape_for_log(std::string_view(address).substr(0, address.find_first_of("?#")));
  if (!answer.ok()) return Error{answer.error().reason, shown + ": " + answer.error().detail};
  if (answer->status != 200) return Error{Reason::io_failed, shown + ": HTTP " + std::to_string(answer->status)};
  return GateStatus{std::move(shown), std::move(answer->body)};
}

}  // namespace portcullis
