// What a reload changes, in the operator's words.
#pragma once

#include <string_view>
#include <vector>

#include "config/config.h"

namespace portcullis {

/// Names of the settings in which both differ and that a reload applies: "portcullis.tokens.issuers", in the order of the file.
std::vector<std::string_view> changed_settings(const Config& before, const Config& after);
/// Names of the settings in which both differ and that only a restart applies: listeners, threads, and limits that are given to threads at
/// their start.
std::vector<std::string_view> needs_restart(const Config& running, const Config& after);

}  // namespace portcullis
