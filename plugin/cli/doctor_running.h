// The gate that runs: what `portcullis doctor` learns of it from the `/status` of its admin listener.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/io/http.h"
#include "config/config.h"
#include "plugin/cli/doctor_report.h"

namespace portcullis {

/// What a client on this host connects to for an admin listener at `address`: an address that stands for every one of this host becomes
/// loopback. Nothing for a unix socket and for port 0.
std::optional<std::string> admin_address(const ListenAddress& address);

/// What a gate says of itself, as steps of the part `running gate`: which configuration is in force and why a newer one is not, how fresh
/// each source's keys are and why, whether decisions can be logged, logins that cannot be had, and what it refuses, with the proxy's
/// mistakes one by one. `where` names it, `config_digest` is the SHA-256 of the file (hex), or empty where it cannot be read. `status` is
/// no document of a gate: one failed step.
void tell_status(std::string_view status, const std::string& where, std::string_view config_digest, DoctorReport& report);

/// Asks the gate at `address` and tells what it says. That nobody answers is a step that was skipped, or has failed where `named` says that
/// somebody asked for that address.
void examine_running(HttpTransport& http, const std::string& address, bool named, std::string_view config_digest, DoctorReport& report);

}  // namespace portcullis
