// Keys from a JWKS on the network: `portcullis.keys.jwksURL`.
#pragma once

#include <memory>
#include <string>

#include "base/io/http.h"
#include "keystore/refresh/source.h"

namespace portcullis {

/// A GET of `url`, an https URL, or an http one of a loopback address; conditional once there is an ETag, so that an unchanged set costs a
/// 304. Another gate's `/jwks.json` is such a URL: what it says in `Age` is how long ago the keys were good at their origin.
///
/// A round fails, and so changes nothing, for any status but 200 and 304 (redirects are not followed), for a body of more than 1 MiB or of
/// more than 10,000 keys, for what is no JWKS, and for one without a usable key. The content type is not looked at: many servers send a
/// wrong one, and HTML is no JWKS. `KeysOrigin::good_at` is now less `Age`; `KeysOrigin::max_age` is what `Cache-Control: max-age` leaves
/// of it. Details name the URL without its query. `http` outlives the source.
std::unique_ptr<KeySource> make_jwks_source(HttpTransport& http, std::string url);

}  // namespace portcullis
