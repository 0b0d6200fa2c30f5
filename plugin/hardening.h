// Makes the process a poor place to break into or to read secrets from.
#pragma once

#include <string_view>
#include <vector>

namespace portcullis {

/// No core dumps, no ptrace by others of our user (PR_SET_DUMPABLE 0), no new privileges, files private by default (umask 0027), SIGPIPE
/// ignored. Call it before any thread starts and before any secret is read. What the kernel refuses is reported by `process_weaknesses`.
void harden_process() noexcept;

/// The part of it that every command can do, whatever programs it runs: no core dumps, no ptrace by others of our user. Call it first.
void forbid_core_dumps() noexcept;

/// What is not as `harden_process` wants it, and running as root: fixed texts for the log.
std::vector<std::string_view> process_weaknesses();

}  // namespace portcullis
