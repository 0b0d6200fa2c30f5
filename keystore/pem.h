// PEM text to keys, without the checks that cost milliseconds.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "keystore/key.h"

namespace portcullis {

inline constexpr std::size_t kMaxPemBytes = 65536;

/// As `read_pem`, but a prime modulus passes.
Result<Key> pem_to_key(std::string id, std::string_view pem, TimePoint now);

}  // namespace portcullis
