// Keys from a JWKS on the network: `portcullis.keys.jwksURL`.
#pragma once

#include <memory>
#include <string>

#include "base/io/http.h"
#include "keystore/refresh/source.h"

namespace portcullis {

/// `url`, an https URL, or an http one of a loopback address, by the rules of `JwksFetch`. Another gate's `/jwks.json` is such a URL: what
/// it says in `Age` is how long ago the keys were good at their origin. A failed round changes nothing. `http` outlives the source.
std::unique_ptr<KeySource> make_jwks_source(HttpTransport& http, std::string url);

}  // namespace portcullis
