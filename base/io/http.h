// Seam for the network: one HTTP request out, one answer in, bounded in time and size.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace portcullis {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// Which hosts a call may reach, judged after the name was resolved, and pinned: the address that was checked is the one that is used.
enum class ReachableHosts {
  public_only,       ///< anything but link-local, metadata and unspecified addresses; https only
  with_loopback,     ///< the same, and http to loopback addresses: tests, development, configured endpoints
  with_plain_http,   ///< the same addresses as `public_only`, and http to all of them: where the operator allows it in so many words
  credential_hosts,  ///< http to loopback, 169.254.170.2, 169.254.170.23, fd00:ec2::23 alone (ECS and EKS), never through a proxy
  metadata_service,  ///< http to 169.254.169.254, fd00:ec2::254 or a configured endpoint, never through a proxy
};

struct OutgoingRequest {
  std::string method;
  std::string url;      ///< http or https
  HttpHeaders headers;  ///< sent as they are, in this order; nothing is added but Host, Content-Length and Accept
  std::string body;
  std::chrono::milliseconds connect_timeout{2000};
  std::chrono::milliseconds timeout{5000};  ///< of the whole call
  std::size_t body_limit = 1024UL * 1024;   ///< of the answer; more is an error
  ReachableHosts reachable = ReachableHosts::public_only;
  std::optional<std::string> ca_file;       ///< trusted *instead of* the system's roots
  std::optional<std::string> ca_pem;        ///< the same as PEM text; not together with `ca_file`
  const std::atomic<bool>* stop = nullptr;  ///< where it is set and becomes true, the call ends with `io_failed` within about a second
};

struct IncomingAnswer {
  int status = 0;
  HttpHeaders headers;  ///< in the order of arrival
  std::string body;

  /// The first header called `name`, in any letter case, or nothing.
  [[nodiscard]] std::optional<std::string> header(std::string_view name) const;
};

/// Safe from many threads. Redirects are never followed, compression is never asked for, TLS is 1.2 or better and always verified.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  /// One request, one answer of any status. `Reason::io_failed` with host and cause (never headers or body) where there is none: name,
  /// address refused, connect, TLS, timeout, too large. May block for `timeout`.
  [[nodiscard]] virtual Result<IncomingAnswer> send(const OutgoingRequest& request) = 0;
};

}  // namespace portcullis
