// `portcullis routes`: the route table, or the closed list of reasons, from the same rows that decide.
#include <memory>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/codec/json_writer.h"
#include "base/reason.h"
#include "plugin/cli/command.h"
#include "plugin/cli/table.h"
#include "policy/route.h"

namespace portcullis {
namespace {

struct RoutesOptions {
  bool reasons = false;
  bool json = false;
  bool markdown = false;
};

std::string status_text(const ReasonRow& row) { return row.outcome == Outcome::fault ? "-" : std::to_string(http_status(row.outcome)); }

std::string or_dash(std::string_view text) { return text.empty() ? "-" : std::string(text); }

std::string render(const Table& table, bool markdown) { return markdown ? table.markdown() : table.text(); }

std::string routes_table(bool markdown) {
  Table table({"METHODS", "PATH", "ACCESS CLAIM NEEDS", "POLICY ACTION"});
  for (const RouteRow& row : route_table()) {
    table.add({std::string(row.methods), std::string(row.path), std::string(row.needs), std::string(row.action)});
  }
  return render(table, markdown);
}

std::string reasons_table(bool markdown) {
  Table table({"REASON", "STATUS", "CODE", "ERROR", "TEXT", "MEANING"});
  for (const ReasonRow& row : all_reasons()) {
    table.add({std::string(row.name), status_text(row), or_dash(row.oci_code), or_dash(row.bearer_error), or_dash(public_text(row.text)),
               std::string(row.meaning)});
  }
  return render(table, markdown);
}

std::string routes_json() {
  JsonWriter json;
  json.begin_array();
  for (const RouteRow& row : route_table()) {
    json.begin_object().key("methods").string(row.methods).key("path").string(row.path).key("needs").string(row.needs);
    json.key("action").string(row.action).end_object();
  }
  json.end_array();
  return std::move(json).text() + "\n";
}

std::string reasons_json() {
  JsonWriter json;
  json.begin_array();
  for (const ReasonRow& row : all_reasons()) {
    json.begin_object().key("reason").string(row.name).key("status");
    if (row.outcome == Outcome::fault) {
      json.null();
    } else {
      json.integer(http_status(row.outcome));
    }
    json.key("code").string(row.oci_code).key("error").string(row.bearer_error).key("text").string(public_text(row.text));
    json.key("meaning").string(row.meaning).end_object();
  }
  json.end_array();
  return std::move(json).text() + "\n";
}

}  // namespace

void add_routes(CLI::App& app, CommandContext& context) {
  CLI::App* command = app.add_subcommand("routes", "Print which access each request to a registry needs, or all reasons");
  const auto options = std::make_shared<RoutesOptions>();
  command->add_flag("--reasons", options->reasons, "Every reason of a refusal or fault, with status, code and text");
  CLI::Option* json = command->add_flag("--json", options->json, "A JSON array");
  command->add_flag("--markdown", options->markdown, "A Markdown table")->excludes(json);
  command->footer(
      "Examples:\n"
      "  portcullis routes\n"
      "  portcullis routes --reasons\n"
      "  portcullis routes --reasons --json | jq -r '.[] | select(.status == 401) | .reason'");
  command->callback([options, &context] {
    if (options->json) return context.out(options->reasons ? reasons_json() : routes_json());
    context.out(options->reasons ? reasons_table(options->markdown) : routes_table(options->markdown));
  });
}

}  // namespace portcullis
