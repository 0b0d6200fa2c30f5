// Which policy a decision was made by, as a short text.
#pragma once

#include <string>

#include "config/access.h"

namespace portcullis {

/// SHA-256 of the rules, hex: the same for the same rules in the same order, however the file is laid out.
std::string digest_of(const AccessControlConfig& access);

}  // namespace portcullis
