#include "plugin/cli/command.h"

#include <sstream>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/codec/percent.h"
#include "plugin/cli/argument_mask.h"
#include "plugin/cli/version.h"

namespace portcullis {
namespace {

constexpr std::string_view kNoArgument =
    "portcullis: a token or a key is never an argument, since every user can read those: --token and --key take a file, or - for standard "
    "input\n";

/// What CLI11 says of a usage error, with the subcommand that it belongs to.
std::string usage_text(const CLI::App* app, const CLI::Error& error) {
  std::string called = app->get_name();
  for (auto parsed = app->get_subcommands(); !parsed.empty(); parsed = app->get_subcommands()) {
    app = parsed.front();
    called += " " + app->get_name();
  }
  return called + ": " + error.what() + "; `" + called + " --help` shows how\n";
}

/// The program's own options are --help and --version. What is to be said of another one in front of the subcommand; else empty. CLI11
/// says of it only that a subcommand is required.
std::string unknown_option(int argc, const char* const* argv) {
  const std::string_view word = argc > 1 ? argv[1] : "";
  if (!word.starts_with('-') || word == "-h" || word == "--help" || word == "--version") return {};
  return "portcullis: there is no option '" + escape_for_log(word) +
         "' in front of a subcommand; `portcullis --help` lists what there is\n";
}

/// What is to be said of a word that stands where a subcommand must and is none, `portcullis aws foo` included; else empty. CLI11 says of
/// it only that one is required.
std::string unknown_command(const CLI::App& app, int argc, const char* const* argv) {
  const CLI::App* level = &app;
  std::string called = app.get_name();
  for (int i = 1; i < argc && level->get_require_subcommand_min() > 0; ++i) {
    const std::string word = argv[i];
    if (word.empty() || word.front() == '-') break;
    const auto named = level->get_subcommands([&](const CLI::App* one) { return one->check_name(word); });
    if (named.empty()) {
      const std::string what = level == &app ? "there is no subcommand '" : called.substr(called.find(' ') + 1) + " has no subcommand '";
      return "portcullis: " + what + escape_for_log(word) + "'; `" + called + " --help` lists them\n";
    }
    level = named.front();
    called += " " + level->get_name();
  }
  return {};
}

}  // namespace

ExitStatus run_command_line(int argc, const char* const* argv, CommandContext& context) {
  const ArgumentMask mask(argc, argv);
  if (mask.any()) context.err = [mask, plain = context.err](std::string_view text) { plain(mask.apply(text)); };
  CLI::App app("Portcullis decides, for each request to an OCI registry, whether the bearer of a token may do what it asks.", "portcullis");
  app.require_subcommand(1);
  app.set_version_flag("--version", "portcullis " + std::string(program_version()), "Print the version and exit");
  app.footer("Exit status: 0 yes, 1 no or findings, 2 could not judge.\n`portcullis COMMAND --help` shows examples.");
  add_serve(app, context);
  add_check(app, context);
  add_verify(app, context);
  add_replay(app, context);
  add_keys(app, context);
  add_routes(app, context);
  add_key(app, context);
  add_token(app, context);
  add_aws(app, context);
  add_ecr(app, context);
  add_login(app, context);
  add_docker_credential(app, context);
  add_kubelet_provider(app, context);
  add_pull_secret(app, context);
  add_iam_policy(app, context);
  add_doctor(app, context);
  add_cel(app, context);
  add_who_can(app, context);
  add_version(app, context);
  app.failure_message(usage_text);
  for (const std::string& unknown : {unknown_option(argc, argv), unknown_command(app, argc, argv)}) {
    if (unknown.empty()) continue;
    context.err(unknown);
    return ExitStatus::cannot_judge;
  }
  // CLI11 reports by exception; this is the one place where they end.
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = app.exit(error, out, err);
    context.out(out.str());
    context.err(err.str());
    if (code != 0 && mask.any()) context.err(kNoArgument);
    return code == 0 ? ExitStatus::yes : ExitStatus::cannot_judge;
  }
  return context.status;
}

}  // namespace portcullis
