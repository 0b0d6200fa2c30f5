// Each step on the way to a login of one registry, taken with the daemon's own code, until one fails.
#pragma once

#include <string>

#include "broker/authenticator.h"
#include "config/broker.h"
#include "plugin/cli/command.h"
#include "plugin/cli/doctor_report.h"

namespace portcullis {

/// What a registry is examined with. The references outlive the examination.
struct RegistryExam {
  CommandContext& context;
  Authenticator& authenticator;
  const BrokerConfig& config;
  std::string config_path;  ///< for advice
  bool reach = false;       ///< ask the registry itself, too, with the login where there is one
};

/// ECR: host name, who we are, jump role, role, whether the role wants its external id, password. Artifactory: the same up to the role,
/// then the exchange. A password from a file or a variable: whether it is there. Each into `report`, under the registry's host; after the
/// first that fails the rest is skipped. Blocks.
void examine_registry(const RegistryExam& exam, const RegistryLoginConfig& registry, DoctorReport& report);

/// What an operator can do about `code` of AWS in `step`, beside what the message says; empty: nothing is known. `who` is who asked.
std::string doctor_advice(std::string_view step, std::string_view code, const std::string& who, const std::string& config_path);

}  // namespace portcullis
