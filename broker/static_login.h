// A user and a password that the operator wrote down.
#pragma once

#include "base/io/environment.h"
#include "base/io/files.h"
#include "base/result.h"
#include "broker/login.h"
#include "config/broker.h"

namespace portcullis {

/// The login as it stands now: a file is read at each call, its one line end taken off. `Reason::credentials_unavailable`: the file or the
/// variable is not there, is empty, holds a control character (RFC 7617 section 2), or more than 16 KiB.
Result<RegistryLogin> static_login(const StaticLoginConfig& config, const Files& files, const Environment& environment);

}  // namespace portcullis
