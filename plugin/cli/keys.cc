// `portcullis keys`: which keys a configuration loads, what each may verify, and what was set aside and why.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/codec/json_writer.h"
#include "base/codec/percent.h"
#include "keystore/key_text.h"
#include "plugin/cli/command.h"
#include "plugin/cli/offline.h"
#include "plugin/cli/paint.h"
#include "plugin/cli/table.h"

namespace portcullis {
namespace {

struct KeysOptions {
  std::string config;
  std::vector<std::string> stages;
  bool json = false;
};

/// Where the keys of a source over the network may be asked for.
std::optional<RemoteQuestion> question_of(const KeysOptions& options, CommandContext& context) {
  if (context.http == nullptr || context.environment == nullptr) return std::nullopt;
  return RemoteQuestion{.world = {.http = *context.http,
                                  .files = context.files,
                                  .environment = *context.environment,
                                  .clock = context.clock,
                                  .entropy = context.entropy,
                                  .pause = [&context](std::chrono::milliseconds time) { return context.pause && context.pause(time); },
                                  .warn = [&context](std::string_view text) { context.err("warning: " + std::string(text) + "\n"); }},
                        .stages = options.stages};
}

/// The version of the secret that a key is of; empty where its source has none.
std::string version_of(const SourceState& state, const Key& key) {
  if (state.origin == nullptr) return {};
  const auto found = state.origin->of_keys.find(key.id());
  return found == state.origin->of_keys.end() ? std::string() : found->second;
}

std::string algorithm_names(AlgorithmSet set) {
  std::string names;
  for (const Algorithm one : all_algorithms()) {
    if (!set.contains(one)) continue;
    if (!names.empty()) names += ' ';
    names += algorithm_name(one);
  }
  return names;
}

std::string as_text(const CommandContext& context, const OfflineSource& source) {
  std::string out;
  if (source.state.keys) {
    Table table({"ID", "TYPE", "BITS", "ALGORITHMS", "THUMBPRINT", "SOURCE", "VERSION"});
    for (const Key& key : source.state.keys->keys()) {
      table.add({key.id().empty() ? "-" : escape_for_log(key.id()), std::string(key_type_name(key.type())), std::to_string(key.bits()),
                 algorithm_names(key.algorithms()), key.thumbprint(), source.state.name + ":" + source.path,
                 version_of(source.state, key)});
    }
    out += table.text();
    for (const QuarantinedKey& key : source.state.keys->quarantined()) {
      out += paint(context, Colour::yellow, "set aside") + ": " + (key.id.empty() ? "-" : escape_for_log(key.id)) + ": " +
             std::string(reason_name(key.error.reason)) + ": " + key.error.detail + "\n";
    }
  }
  if (source.state.last_error) {
    out += paint(context, Colour::red, "not loaded") + ": " + source.path + ": " +
           std::string(reason_name(source.state.last_error->reason)) + ": " + source.state.last_error->detail + "\n";
  }
  return out;
}

void write_key(JsonWriter& json, const SourceState& state, const Key& key) {
  json.begin_object().key("id").string(key.id()).key("type").string(key_type_name(key.type())).key("bits").integer(key.bits());
  json.key("algorithms").begin_array();
  for (const Algorithm one : all_algorithms()) {
    if (key.algorithms().contains(one)) json.string(algorithm_name(one));
  }
  json.end_array().key("thumbprint").string(key.thumbprint());
  if (const std::string version = version_of(state, key); !version.empty()) json.key("version").string(version);
  json.end_object();
}

std::string as_json(const OfflineSource& source, TimePoint now) {
  const KeySet* set = source.state.keys.get();
  JsonWriter json;
  json.begin_object().key("source").string(source.state.name).key("path").string(source.path);
  json.key("state").string(freshness_name(source.state.freshness(now)));
  json.key("digest").string(set == nullptr ? std::string_view() : set->digest());
  json.key("keys").begin_array();
  if (set != nullptr) {
    for (const Key& key : set->keys()) write_key(json, source.state, key);
  }
  json.end_array().key("quarantined").begin_array();
  if (set != nullptr) {
    for (const QuarantinedKey& key : set->quarantined()) {
      json.begin_object().key("id").string(key.id).key("reason").string(reason_name(key.error.reason));
      json.key("detail").string(key.error.detail).end_object();
    }
  }
  json.end_array().key("error");
  if (source.state.last_error) {
    json.begin_object().key("reason").string(reason_name(source.state.last_error->reason));
    json.key("detail").string(source.state.last_error->detail).end_object();
  } else {
    json.null();
  }
  if (set != nullptr) json.key("jwks").raw(to_jwks(set->keys()));
  json.end_object();
  return std::move(json).text() + "\n";
}

void show_keys(const KeysOptions& options, CommandContext& context) {
  const TimePoint now = context.clock.now();
  const OfflineWorld world = read_world(context.files, options.config, std::nullopt, now, question_of(options, context));
  if (!world.source) return complain_of_findings(context, options.config, world.findings);
  const SourceState& state = world.source->state;
  const bool fine = !state.last_error && state.keys && state.keys->quarantined().empty();
  context.status = fine ? ExitStatus::yes : ExitStatus::no;
  context.out(options.json ? as_json(*world.source, now) : as_text(context, *world.source));
}

}  // namespace

void add_keys(CLI::App& app, CommandContext& context) {
  CLI::App* command = app.add_subcommand("keys", "Show the verification keys that a configuration loads");
  const auto options = std::make_shared<KeysOptions>();
  command->add_option("CONFIG", options->config, "Configuration file")->required();
  command->add_option("--stage", options->stages,
                      "Version stage of the secret to show instead of the configured ones: AWSPENDING before a rotation");
  command->add_flag("--json", options->json, "One JSON object, with the keys as a JWKS too");
  command->footer(
      "Exit status: 0 every key loads, 1 a key was set aside or none loads, 2 the configuration does not load.\n"
      "Examples:\n"
      "  portcullis keys /etc/portcullis/config.json\n"
      "  portcullis keys config.json --stage AWSPENDING\n"
      "  portcullis keys config.json --json | jq .jwks > jwks.json");
  command->callback([options, &context] { show_keys(*options, context); });
}

}  // namespace portcullis
