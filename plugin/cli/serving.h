// What `serve` is started with and what it needs of the machine, for the commands that judge it without starting it.
#pragma once

#include <vector>

#include "config/load.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own
class App;
}

namespace portcullis {

/// `--listen` and `--trust`, the same words for each command. `overrides` outlives `command`.
void add_serving_options(CLI::App& command, ConfigOverrides& overrides);

/// How `check` and `doctor` read a file: with what it is served with, and where nothing is given, as a file that may be for the commands of
/// `portcullis.broker` alone.
ConfigOverrides judged_as(ConfigOverrides serving);

/// What `serve` would not find here: the group of `portcullis.listenGroup`, where a unix socket is listened on; the folders of
/// `log.output`, `portcullis.decisionLog.output` and `portcullis.keys.lastKnownGood`, or a file in the place of which something else
/// stands. Warnings, since the configuration may be meant for another machine. Looks alone: nothing is made. Nothing is said of
/// permissions, since the gate's user may be another. Blocks (NSS).
std::vector<Finding> missing_on_this_machine(const Config& config);

}  // namespace portcullis
