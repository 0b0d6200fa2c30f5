// `portcullis verify`: would this token open that door, and if not, why? Offline, by the daemon's own line.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/codec/percent.h"
#include "base/secret.h"
#include "config/address.h"
#include "plugin/cli/argument_mask.h"
#include "plugin/cli/command.h"
#include "plugin/cli/offline.h"
#include "plugin/cli/paint.h"
#include "plugin/cli/question_hints.h"
#include "plugin/cli/secret_input.h"
#include "plugin/cli/time_text.h"
#include "plugin/cli/verdict.h"

namespace portcullis {
namespace {

constexpr std::size_t kTokenFileBytes = 64UL * 1024;

struct VerifyOptions {
  std::string config;
  std::string token;
  std::optional<std::string> method;  ///< with `uri` alone; GET where it is not given
  std::string uri;
  std::string repository;
  std::string action;
  std::string at;
  std::optional<std::string> keys;
  std::vector<std::string> oidc_keys;
  std::string client;
  std::string user_agent;
  std::optional<bool> tag_exists;
  bool json = false;
};

/// The token of a file, a pipe or standard input, without the line end that an editor or `echo` leaves; nothing else is taken off. Empty
/// where none was named.
Result<Secret> read_token(const VerifyOptions& options, const CommandContext& context) {
  if (options.token.empty()) return Secret(std::string());
  Result<std::string> text = read_secret_input(context, "--token", options.token, kTokenFileBytes);
  if (!text.ok()) return text.error();
  std::string token = std::move(text).value();
  if (token.ends_with('\n')) token.pop_back();
  if (token.ends_with('\r')) token.pop_back();
  return Secret(std::move(token));
}

/// `ISSUER=FILE`, as often as there are issuers.
Result<Replacements> read_replacements(const VerifyOptions& options) {
  Replacements replacements{.keys_file = options.keys, .issuer_files = {}};
  for (const std::string& one : options.oidc_keys) {
    const std::size_t mark = one.find('=');
    if (mark == std::string::npos || mark == 0 || mark + 1 == one.size()) return Error{Reason::bad_request, "write ISSUER=FILE"};
    if (!replacements.issuer_files.emplace(one.substr(0, mark), one.substr(mark + 1)).second)
      return Error{Reason::bad_request, one.substr(0, mark) + " is there twice"};
  }
  return replacements;
}

/// The first of the replacements that no issuer of the configuration would read.
std::optional<std::string> stranger_in(const Replacements& replacements, const Config& config) {
  const auto& issuers = config.bearer.oidc;
  for (const auto& replaced : replacements.issuer_files) {
    const auto is_named = [&replaced](const OidcIssuerConfig& issuer) { return issuer.issuer == replaced.first; };
    if (std::none_of(issuers.begin(), issuers.end(), is_named)) return replaced.first;
  }
  return std::nullopt;
}

/// What kept a source from having keys; of an issuer over the network, what stands in for them.
void tell_missing_keys(const OfflineWorld& world, Reason verdict, CommandContext& context) {
  const auto tell = [&context](const std::string& whose, const std::string& why) {
    context.err("portcullis: no keys from " + whose + ": " + why + "\n");
  };
  if (const auto& failed = world.source->state.last_error) tell(world.source->path, failed->detail);
  for (std::size_t i = 0; i < world.issuers.size(); ++i) {
    const OfflineSource& source = world.issuers[i];
    const std::string& issuer = world.config->bearer.oidc[i].issuer;
    if (source.state.last_error) tell(source.path, source.state.last_error->detail);
    if (source.path.empty() && verdict == Reason::keys_not_loaded)
      tell(issuer, "they come over the network, and nobody is asked here: --oidc-keys " + issuer + "=FILE stands in for them");
  }
}

/// Whether the options are one question.
Result<void> check_question(const VerifyOptions& options) {
  const auto refused = [](std::string why) { return Error{Reason::bad_request, "verify: " + std::move(why)}; };
  if (!options.uri.empty() && !options.repository.empty()) return refused("--uri and --repository are two ways to ask; give one");
  if (options.repository.empty() != options.action.empty()) return refused("--repository and --action go together");
  if (options.method && options.uri.empty()) return refused("--method needs --uri; of a --repository, --action is asked");
  if (!options.client.empty() && !parse_address(options.client))
    return refused("--client is an IP address without a port, such as 192.0.2.7, and not '" + escape_for_log(options.client) + "'");
  if (options.token.empty() && options.uri.empty() && options.repository.empty())
    return refused("without --token, ask with --uri or --repository: what may nobody do?");
  return {};
}

void verify(const VerifyOptions& options, CommandContext& context) {
  if (const Result<void> asked = check_question(options); !asked.ok()) return complain(context, asked.error());
  const Result<TimePoint> now = options.at.empty() ? Result<TimePoint>(context.clock.now()) : parse_time(options.at);
  if (!now.ok()) return complain(context, "verify: --at: " + now.error().detail);
  const Result<Secret> token = read_token(options, context);
  if (!token.ok()) return complain(context, token.error());
  if (!options.token.empty() && token->reveal().empty())
    return complain(context, "verify: --token: " + shown_argument(options.token) + " holds nothing; without --token nobody asks");
  const Result<Replacements> replacements = read_replacements(options);
  if (!replacements.ok()) return complain(context, "verify: --oidc-keys: " + replacements.error().detail);
  const OfflineWorld world = read_world(context.files, options.config, *replacements, *now);
  if (!world.state) return complain_of_findings(context, options.config, world.findings);
  if (const auto stranger = stranger_in(*replacements, *world.config))
    return complain(context, "verify: --oidc-keys: the configuration has no issuer " + *stranger + ", to the byte");
  const Question question{.token = options.token.empty() ? std::nullopt : std::optional<std::string_view>(token->reveal()),
                          .method = options.method.value_or("GET"),
                          .uri = options.uri,
                          .repository = options.repository,
                          .action = options.action,
                          .client = options.client,
                          .user_agent = options.user_agent,
                          .tag_exists = options.tag_exists};
  const Verdict verdict = judge(question, *world.state, *now);
  tell_missing_keys(world, verdict.reason, context);
  for (const std::string_view hint : {question.token ? token_hint(*question.token, verdict.reason) : std::string_view(),
                                      request_hint(question.method, question.uri, verdict.reason)}) {
    if (!hint.empty()) context.err("portcullis: " + std::string(hint) + "\n");
  }
  context.status = status_of(verdict.reason);
  context.out(options.json ? verdict_json(verdict) : verdict_text(context, question, verdict));
}

}  // namespace

void add_verify(CLI::App& app, CommandContext& context) {
  CLI::App* command = app.add_subcommand("verify", "Judge a token offline, step by step, as the daemon would");
  const auto options = std::make_shared<VerifyOptions>();
  command->add_option("CONFIG", options->config, "Configuration file")->required();
  command->add_option("--token", options->token, "File that holds the token; - is standard input; without it nobody asks");
  command->add_option("--method", options->method, "Method of the request that --uri names; default: GET");
  command->add_option("--uri", options->uri, "Path and query of the request to the registry, undecoded");
  command->add_option("--repository", options->repository, "Repository, instead of a request");
  command->add_option("--action", options->action, "With --repository: pull, push, delete, read, create or update");
  command->add_option("--at", options->at, "Judge as of this time (RFC 3339, or seconds since 1970)");
  command->add_option("--keys", options->keys, "Use the keys of this file instead of the configured source");
  command->add_option("--oidc-keys", options->oidc_keys,
                      "ISSUER=FILE: use the JWKS of this file as that issuer's keys; may be given for each issuer");
  command->add_option("--client", options->client, "Address of the client, for conditions that read req.client.ip");
  command->add_option("--user-agent", options->user_agent, "For conditions that read req.userAgent");
  command->add_option("--tag-exists", options->tag_exists, "Whether the tag that is pushed is there: true or false; else nobody knows");
  command->add_flag("--json", options->json, "One JSON object");
  command->footer(
      "The token is never printed, and never an argument: other users could read it in the list of processes.\n"
      "Without --uri and --repository the token itself is judged.\n"
      "Exit status: 0 allow, 1 deny, 2 could not judge.\n"
      "Examples:\n"
      "  portcullis verify config.json --token token.jwt --method PUT --uri /v2/team/app/manifests/v1\n"
      "  pass show registry | portcullis verify config.json --token - --repository team/app --action pull\n"
      "  portcullis verify config.json --token token.jwt --at 2026-11-22T06:41:23Z --json | jq .trace");
  command->callback([options, &context] { verify(*options, context); });
}

}  // namespace portcullis
