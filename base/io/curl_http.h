// The real network: libcurl, bounded and without surprises.
#pragma once

#include <string>

#include "base/io/http.h"

namespace portcullis {

/// One easy handle a thread, so connections are reused. Environment proxies are honoured as curl does (`https_proxy`, `no_proxy`), but
/// never for credential hosts and the metadata service. Nothing is read from `.netrc`; no cookie is kept; no redirect is followed; no
/// compression is asked for.
class CurlHttp final : public HttpTransport {
 public:
  /// `user_agent` is sent with every request.
  explicit CurlHttp(std::string user_agent);
  [[nodiscard]] Result<IncomingAnswer> send(const OutgoingRequest& request) override;

 private:
  const std::string user_agent_;
};

}  // namespace portcullis
