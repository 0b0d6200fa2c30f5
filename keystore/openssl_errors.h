// Empties OpenSSL's error queue of this thread when a scope is left, so that no later call reads a fault that is not its own.
#pragma once

#include <openssl/err.h>

namespace portcullis {

class OpensslErrors {
 public:
  OpensslErrors() = default;
  OpensslErrors(const OpensslErrors&) = delete;
  OpensslErrors& operator=(const OpensslErrors&) = delete;
  ~OpensslErrors() { ERR_clear_error(); }
};

}  // namespace portcullis
