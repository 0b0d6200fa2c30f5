// What is often wrong with an nginx that asks the gate (docs/nginx.md), as steps of `portcullis doctor --nginx`.
#pragma once

#include <string>
#include <string_view>

#include "plugin/cli/doctor_report.h"

namespace portcullis {

/// Judges the text of one nginx file, called `path`; what it includes is not read, and said to be so. For each location with
/// `auth_request`: `satisfy any`, a `proxy_pass` with a path, a token or identity headers of a client that reach the registry; of the
/// location that asks the gate: whether it is there and internal, says method and path, and keeps no answer in a cache. Each way past the
/// gate (`find_bypasses`). A file in which nobody asks the gate has failed. Each good location is a step too.
void lint_nginx(std::string_view text, const std::string& path, DoctorReport& report);

}  // namespace portcullis
