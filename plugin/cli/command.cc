#include "plugin/cli/command.h"

#include <sstream>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace portcullis {

ExitStatus run_command_line(int argc, const char* const* argv, CommandContext& context) {
  CLI::App app("Portcullis decides, for each request to an OCI registry, whether the bearer of a token may do what it asks.", "portcullis");
  app.require_subcommand(1);
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
  add_cel(app, context);
  add_who_can(app, context);
  add_version(app, context);
  // CLI11 reports by exception; this is the one place where they end.
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = app.exit(error, out, err);
    context.out(out.str());
    context.err(err.str());
    return code == 0 ? ExitStatus::yes : ExitStatus::cannot_judge;
  }
  return context.status;
}

}  // namespace portcullis
