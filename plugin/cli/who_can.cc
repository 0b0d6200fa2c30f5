// `portcullis who-can`: whom the policies let do what, read from the rules.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/codec/json_writer.h"
#include "base/codec/percent.h"
#include "config/load.h"
#include "plugin/cli/command.h"
#include "plugin/cli/offline.h"
#include "plugin/cli/paint.h"
#include "plugin/cli/table.h"
#include "plugin/policies.h"
#include "policy/grammar.h"
#include "policy/route.h"
#include "policy/who_can.h"

namespace portcullis {
namespace {

struct WhoCanOptions {
  std::string config;
  std::string action;
  std::string repository;
  std::string user;
  std::vector<std::string> groups;
  bool json = false;
};

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : between).append(word);
  return text;
}

std::string who_text(const GrantLine& line) {
  const std::string only = line.only_user ? escape_for_log(*line.only_user) : std::string();
  switch (line.who) {
    case GrantLine::Who::user: return "user " + escape_for_log(line.name);
    case GrantLine::Who::group: return "group " + escape_for_log(line.name) + (only.empty() ? "" : ", of whom " + only + " alone");
    case GrantLine::Who::known_users: return only.empty() ? "every known user" : "user " + only;
    case GrantLine::Who::anonymous: return "without credentials";
    case GrantLine::Who::everyone: return "everyone";
  }
  return {};
}

std::string_view who_word(GrantLine::Who who) {
  switch (who) {
    case GrantLine::Who::user: return "user";
    case GrantLine::Who::group: return "group";
    case GrantLine::Who::known_users: return "known users";
    case GrantLine::Who::anonymous: return "anonymous";
    case GrantLine::Who::everyone: return "everyone";
  }
  return {};
}

std::string lines_text(const std::vector<GrantLine>& lines) {
  Table table({"WHO", "ACTIONS", "PATTERN", "RULE", "IF"});
  for (const GrantLine& line : lines) {
    table.add({who_text(line), joined(line.actions, ","), line.pattern.empty() ? "-" : escape_for_log(line.pattern), line.rule,
               line.conditions.empty() ? "-" : escape_for_log(joined(line.conditions, " && "))});
  }
  return table.text();
}

std::string as_text(const WhoCanOptions& options, const WhoCan& found) {
  std::string out;
  if (options.user.empty()) {
    out += found.pattern ? "pattern: " + escape_for_log(*found.pattern) + "\n" : "no pattern matches " + options.repository + "\n";
  }
  out += found.grants.empty() ? "nobody is granted it\n" : lines_text(found.grants);
  if (!found.denies.empty()) out += "but denied, whatever grants:\n" + lines_text(found.denies);
  return out;
}

void write_lines(JsonWriter& json, std::string_view name, const std::vector<GrantLine>& lines) {
  json.key(name).begin_array();
  for (const GrantLine& line : lines) {
    json.begin_object().key("who").string(who_word(line.who));
    if (!line.name.empty()) json.key("name").string(line.name);
    if (line.only_user) json.key("onlyUser").string(*line.only_user);
    if (!line.pattern.empty()) json.key("pattern").string(line.pattern);
    json.key("actions").begin_array();
    for (const std::string& action : line.actions) json.string(action);
    json.end_array().key("rule").string(line.rule).key("conditions").begin_array();
    for (const std::string& condition : line.conditions) json.string(condition);
    json.end_array().end_object();
  }
  json.end_array();
}

std::string as_json(const WhoCanOptions& options, const WhoCan& found) {
  JsonWriter json;
  json.begin_object();
  if (!options.user.empty()) {
    json.key("user").string(options.user);
  } else {
    json.key("action").string(options.action).key("repository").string(options.repository).key("pattern");
    if (found.pattern) {
      json.string(*found.pattern);
    } else {
      json.null();
    }
  }
  write_lines(json, "grants", found.grants);
  write_lines(json, "denies", found.denies);
  json.end_object();
  return std::move(json).text() + "\n";
}

/// What is wrong with the question, or nothing.
std::string fault_of(const WhoCanOptions& options) {
  if (options.user.empty() == options.repository.empty()) return "ask with --action and --repository, or with --user";
  if (!options.user.empty()) return options.action.empty() ? "" : "--action belongs to --repository";
  if (!options.groups.empty()) return "--group belongs to --user";
  const auto words = action_words();
  if (std::find(words.begin(), words.end(), options.action) == words.end()) {
    return "--action is one of read, create, update, delete and detectManifestCollision";
  }
  return is_repository_name(options.repository) ? "" : "--repository is no name of a repository";
}

void answer(const WhoCanOptions& options, CommandContext& context) {
  if (const std::string fault = fault_of(options); !fault.empty()) return complain(context, "who-can: " + fault);
  LoadedConfig loaded = load_for_command(context.files, options.config);
  if (!loaded.config) return complain_of_findings(context, options.config, loaded.findings);
  if (!loaded.config->access_control) return complain(context, "who-can: " + options.config + " has no http.accessControl");
  loaded.config->policy_tests.clear();  // what fails them is what is asked about
  const CompiledPolicy compiled = compile_access_control(*loaded.config);
  if (compiled.policy == nullptr) return complain_of_findings(context, options.config, compiled.findings);
  const WhoCan found = options.user.empty() ? who_can(*compiled.policy, options.action, options.repository)
                                            : what_can(*compiled.policy, options.user, options.groups);
  context.status = found.grants.empty() ? ExitStatus::no : ExitStatus::yes;
  context.out(options.json ? as_json(options, found) : as_text(options, found));
}

}  // namespace

void add_who_can(CLI::App& app, CommandContext& context) {
  CLI::App* command = app.add_subcommand("who-can", "List whom the policies let do something, or what they let somebody do");
  const auto options = std::make_shared<WhoCanOptions>();
  command->add_option("CONFIG", options->config, "Configuration file")->required();
  command->add_option("--action", options->action, "read, create, update, delete or detectManifestCollision");
  command->add_option("--repository", options->repository, "Name of a repository");
  command->add_option("--user", options->user, "Instead: what this user may do, pattern by pattern");
  command->add_option("--group", options->groups, "With --user: a group that the user's token names; may be repeated");
  command->add_flag("--json", options->json, "One JSON object");
  command->footer(
      "Rules are read, not run: whether a condition holds depends on the request, so it is listed. A traditional token needs its\n"
      "access claim beside the policies. To ask about one request, use portcullis verify.\n"
      "Exit status: 0 somebody is granted something, 1 nobody is, 2 could not judge.\n"
      "Examples:\n"
      "  portcullis who-can config.json --action delete --repository prod/app\n"
      "  portcullis who-can config.json --user alice --group developers\n"
      "  portcullis who-can config.json --action read --repository prod/app --json | jq -r '.grants[].name'");
  command->callback([options, &context] { answer(*options, context); });
}

}  // namespace portcullis
