// What the gate itself needs: a configuration that loads, keys of its sources and issuers, credentials of AWS.
#pragma once

#include <string>

#include "config/load.h"
#include "plugin/cli/command.h"
#include "plugin/cli/doctor_report.h"

namespace portcullis {

/// Loads `path` for a `serve` with the options `serving`, with the files that it names, and asks its sources over the network once: every
/// finding of `check` as a step of `configuration`, and zot's deduplication where the file has it; a step of `keys` for each source with
/// what it brought. `context` must have `http` and `environment`. Blocks.
void examine_gate(CommandContext& context, const std::string& path, const ConfigOverrides& serving, DoctorReport& report);

/// `AWS`, `credential source`: what the default chain chooses, and why, without asking anybody.
void examine_credential_source(CommandContext& context, DoctorReport& report);

}  // namespace portcullis
