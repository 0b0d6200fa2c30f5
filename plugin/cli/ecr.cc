// `portcullis ecr host`: which ECR registry a host name means, or that it only looks like one.
#include <memory>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "aws/ecr_host.h"
#include "aws/endpoint.h"
#include "base/codec/json_writer.h"
#include "base/codec/percent.h"
#include "plugin/cli/argument_mask.h"
#include "plugin/cli/command.h"

namespace portcullis {
namespace {

struct HostOptions {
  std::string host;
  bool json = false;
};

std::string_view kind_name(const std::optional<EcrHost>& host) noexcept {
  if (!host) return "none";
  return host->kind == EcrHost::Kind::ecr_public ? "ecr-public" : "ecr";
}

std::string as_json(const std::optional<EcrHost>& host) {
  JsonWriter json;
  json.begin_object().key("kind").string(kind_name(host));
  if (host) {
    json.key("account").string(host->account).key("region").string(host->region);
    json.key("partition").string(partition_of(host->region)).key("fips").boolean(host->fips).key("dualstack").boolean(host->dual_stack);
  }
  return std::move(json.end_object()).text() + "\n";
}

std::string as_text(const EcrHost& host) {
  std::string text = "kind       " + std::string(kind_name(host)) + "\n";
  if (!host.account.empty()) text += "account    " + host.account + "\n";
  text += "region     " + host.region + "\npartition  " + std::string(partition_of(host.region)) + "\n";
  text += std::string("FIPS       ") + (host.fips ? "yes" : "no") + "\ndual stack " + (host.dual_stack ? "yes" : "no") + "\n";
  return text;
}

void show_host(const HostOptions& options, CommandContext& context) {
  const std::optional<EcrHost> host = parse_ecr_host(options.host);
  if (!host) context.status = ExitStatus::no;
  if (options.json) return context.out(as_json(host));
  if (host) return context.out(as_text(*host));
  context.out(
      "'" + escape_for_log(shown_argument(options.host)) +
      "' is no host name of Amazon ECR: <12 digits>.dkr.ecr.<region>.amazonaws.com, the same of another partition, FIPS or dual stack, "
      "or public.ecr.aws; without scheme, port and path\n");
}

}  // namespace

void add_ecr(CLI::App& app, CommandContext& context) {
  CLI::App* ecr = app.add_subcommand("ecr", "Amazon ECR");
  ecr->require_subcommand(1);
  CLI::App* command = ecr->add_subcommand("host", "Say which ECR registry a host name means");
  const auto options = std::make_shared<HostOptions>();
  command->add_option("HOST", options->host, "The registry's host name, as in an image's name")->required();
  command->add_flag("--json", options->json, "One JSON object");
  command->footer(
      "Exit status: 0 a registry of Amazon's, 1 none.\n"
      "Examples:\n"
      "  portcullis ecr host 123456789012.dkr.ecr.eu-west-1.amazonaws.com\n"
      "  portcullis ecr host public.ecr.aws --json");
  command->callback([options, &context] { show_host(*options, context); });
}

}  // namespace portcullis
