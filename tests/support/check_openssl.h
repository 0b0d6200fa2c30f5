// Ends the test program where OpenSSL fails at something that cannot fail: a test built on half a key would prove nothing.
#pragma once

#include <cstdio>
#include <cstdlib>

#include <openssl/err.h>

namespace portcullis::test {

inline void must(bool succeeded) {
  if (succeeded) return;
  ERR_print_errors_fp(stderr);
  std::abort();
}

}  // namespace portcullis::test
