// `portcullis cel`: an expression of a claim mapping or a condition, tried on the command line.
#include <memory>
#include <optional>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/codec/json.h"
#include "base/codec/json_writer.h"
#include "plugin/cli/argument_mask.h"
#include "plugin/cli/command.h"
#include "plugin/cli/paint.h"
#include "policy/cel/expression.h"
#include "policy/cel/functions/calendar.h"

namespace portcullis {
namespace {

constexpr std::size_t kDataBytes = 1024UL * 1024;
constexpr JsonLimits kDataLimits{.bytes = kDataBytes, .depth = 32, .members = 100'000};

struct CelOptions {
  std::string expression;
  std::string data;
  bool type = false;
  bool json = false;
};

/// The names that an expression may read, and their values.
struct World {
  cel::Environment environment;
  cel::Bindings bindings;
};

bool is_declared(const World& world, std::string_view name) {
  for (const cel::Variable& variable : world.environment.variables) {
    if (variable.name == name) return true;
  }
  return false;
}

/// In a request `req.time` is a timestamp, which JSON does not have.
cel::Value with_time(const cel::Value& request) {
  const auto* map = request.as<cel::Mapping>();
  if (map == nullptr) return request;
  cel::Map entries = map->entries();
  for (auto& [key, value] : entries) {
    const auto timestamp = key.text() == "time" && value.text() ? cel::parse_timestamp(*value.text()) : std::nullopt;
    if (timestamp) value = cel::Value::of(*timestamp);
  }
  return cel::Value::of(std::move(entries));
}

/// The members of the data are variables. `claims`, `vars` and `req` have the types that they have in a configuration, there or not.
Result<World> read_world(const CelOptions& options, CommandContext& context) {
  World world;
  const cel::Type members{cel::Kind::map, {{cel::Kind::string, {}, {}}, {}}, {}};
  for (const char* name : {"claims", "vars", "req"}) world.environment.variables.push_back({name, members});
  if (options.data.empty()) return world;
  const Result<std::string> text = options.data == "-" ? context.read_input(kDataBytes) : context.files.read(options.data, kDataBytes);
  if (!text.ok()) return text.error();
  const Result<JsonDocument> document = parse_json(*text, kDataLimits);
  if (!document.ok()) return Error{document.error().reason, options.data + ": " + document.error().detail};
  if (!document->root().is_object())
    return Error{Reason::bad_request, options.data + ": an object is needed, whose members are the variables"};
  for (const auto& [name, member] : document->root().members()) {
    const cel::Value value = cel::value_from_json(member);
    world.bindings.set(std::string(name), name == "req" ? with_time(value) : value);
    if (!is_declared(world, name)) world.environment.variables.push_back({std::string(name), cel::Type{}});
  }
  return world;
}

std::string fault_json(const Error& error) {
  JsonWriter json;
  json.begin_object()
      .key("ok")
      .boolean(false)
      .key("reason")
      .string(reason_name(error.reason))
      .key("detail")
      .string(error.detail)
      .end_object();
  return std::move(json).text() + "\n";
}

/// Who tries an expression without data, or with the claims alone, is told where the values of variables come from.
Error with_hint(Error error, const CelOptions& options) {
  if (error.detail.find("no such attribute") == std::string::npos) return error;
  error.detail += options.data.empty() ? "; --data FILE gives the variables their values"
                                       : "; the members of the data are the variables: `jq '{claims: .}'` makes one of a token's claims";
  return error;
}

void report(const Error& error, ExitStatus status, const CelOptions& options, CommandContext& context) {
  if (options.json) {
    context.out(fault_json(error));
  } else {
    complain(context, error);
  }
  context.status = status;
}

std::string answer_json(const cel::Expression& expression, const cel::Value* value) {
  JsonWriter json;
  json.begin_object().key("ok").boolean(true).key("type").string(cel::type_name(expression.type()));
  if (value != nullptr) json.key("value").raw(cel::value_to_json(*value));
  json.end_object();
  return std::move(json).text() + "\n";
}

/// The parser's message would quote a token that somebody took for an argument of this command, in pieces.
bool is_token(std::string_view expression) { return expression.starts_with("eyJ") && looks_like_secret(expression); }

void evaluate(const CelOptions& options, CommandContext& context) {
  if (is_token(options.expression)) {
    return report(
        {Reason::bad_request, masked(options.expression) + " is a token and no expression: `portcullis verify` judges one, from a file"},
        ExitStatus::cannot_judge, options, context);
  }
  const Result<World> world = read_world(options, context);
  if (!world.ok()) return report(world.error(), ExitStatus::cannot_judge, options, context);
  const Result<cel::Expression> expression = cel::Expression::compile(options.expression, world->environment);
  if (!expression.ok()) return report(expression.error(), ExitStatus::cannot_judge, options, context);
  if (options.type) return context.out(options.json ? answer_json(*expression, nullptr) : cel::type_name(expression->type()) + "\n");
  const Result<cel::Value> value = expression->evaluate(world->bindings);
  if (!value.ok()) return report(with_hint(value.error(), options), ExitStatus::no, options, context);
  context.out(options.json ? answer_json(*expression, &*value) : cel::value_to_json(*value) + "\n");
  if (const bool* flag = value->as<bool>(); flag != nullptr && !*flag) context.status = ExitStatus::no;
}

}  // namespace

void add_cel(CLI::App& app, CommandContext& context) {
  CLI::App* command = app.add_subcommand("cel", "Evaluate an expression of a claim mapping or a condition");
  const auto options = std::make_shared<CelOptions>();
  command->add_option("EXPR", options->expression, "The expression, in the Common Expression Language (CEL)")->required();
  command->add_option("--data", options->data, "JSON file whose members are the variables (claims, vars, req, …); - is standard input");
  command->add_flag("--type", options->type, "Check it alone, and print its type");
  command->add_flag("--json", options->json, "One JSON object: ok, type, value; or ok, reason, detail");
  command->footer(
      "The value is printed as JSON. Exit status: 0 for a value, 1 where it is false or the evaluation fails, 2 for an expression that "
      "does\n"
      "not compile or data that cannot be read.\n"
      "Examples:\n"
      "  portcullis cel \"'a' + 'b'\"\n"
      "  portcullis cel \"claims.email.split('@')[1]\" --data claims.json\n"
      "  portcullis cel --type \"claims.email_verified == true\"\n"
      "  echo '{\"req\": {\"action\": \"update\", \"tag\": \"v1\"}}' | portcullis cel 'req.action != \"update\" || req.tag != \"stable\"' "
      "--data -");
  command->callback([options, &context] { evaluate(*options, context); });
}

}  // namespace portcullis
