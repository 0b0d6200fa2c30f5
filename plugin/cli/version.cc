// `portcullis version`: what this binary is.
#include "plugin/cli/version.h"

#include <memory>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/codec/json_writer.h"
#include "plugin/cli/command.h"

namespace portcullis {

std::string_view program_version() noexcept { return PORTCULLIS_VERSION; }

void add_version(CLI::App& app, CommandContext& context) {
  CLI::App* command = app.add_subcommand("version", "Print the version");
  const auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "One JSON object");
  command->footer("Examples:\n  portcullis version\n  portcullis version --json");
  command->callback([json, &context] {
    if (!*json) return context.out("portcullis " + std::string(program_version()) + "\n");
    JsonWriter line;
    line.begin_object().key("version").string(program_version()).end_object();
    context.out(std::move(line).text() + "\n");
  });
}

}  // namespace portcullis
