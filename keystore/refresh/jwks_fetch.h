// One JWKS on the network, asked for again and again: conditional requests, what its caches say of its age, and what cannot be used.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/io/http.h"
#include "base/result.h"
#include "keystore/key_text.h"

namespace portcullis {

/// Asks, and remembers the tag and the keys of the newest good answer.
class JwksFetch {
 public:
  /// What else a request carries.
  struct Options {
    std::optional<std::string> ca_pem{};  ///< trusted instead of the system's roots
    std::optional<std::string> bearer{};  ///< sent as `Authorization: Bearer …`
  };

  /// A GET of `url`, an https URL, or an http one of a loopback address; conditional once there is an ETag of this URL, so that an
  /// unchanged set costs a 304. Errors for any status but 200 and 304 (redirects are not followed), for a body of more than 1 MiB or of
  /// more than 10,000 keys, for what is no JWKS, and for one without a usable key. The content type is not looked at: many servers send a
  /// wrong one, and HTML is no JWKS. `KeysOrigin::good_at` is now where `Age` is within `Cache-Control: max-age` (RFC 9111 section 4.2),
  /// else now less `Age`; `KeysOrigin::max_age` is what `max-age` leaves of it. Details name the URL without its query.
  Result<ParsedKeys> fetch(HttpTransport& http, const std::string& url, const Options& options, TimePoint now);

 private:
  Result<ParsedKeys> read(const IncomingAnswer& answer, const std::string& shown, TimePoint now);

  // of the newest good answer
  std::string url_;
  std::string tag_;
  ParsedKeys last_;
};

}  // namespace portcullis
