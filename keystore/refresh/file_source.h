// Keys from files: `http.auth.bearer.cert` and `portcullis.keys.file`.
#pragma once

#include <memory>
#include <string>

#include "base/io/files.h"
#include "keystore/refresh/source.h"

namespace portcullis {

/// One key, PEM or JWK; its id is empty, and a token's `kid` is not looked at (as in zot). `files` outlives the source.
std::unique_ptr<KeySource> make_cert_source(const Files& files, std::string path);
/// The secret's JSON in a file of at most 10 MiB. `files` outlives the source.
std::unique_ptr<KeySource> make_keys_file_source(const Files& files, std::string path);

}  // namespace portcullis
