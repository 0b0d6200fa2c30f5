#include "tests/probe/cel_values.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "base/codec/base64url.h"
#include "base/codec/json_writer.h"
#include "policy/cel/functions/calendar.h"

namespace portcullis::probe {
namespace {

using cel::Value;

constexpr std::string_view kTypePrefix = "type.googleapis.com/";
constexpr std::pair<std::string_view, std::string_view> kWrappers[] = {
    {"google.protobuf.BoolValue", "bool"},     {"google.protobuf.BytesValue", "bytes"}, {"google.protobuf.DoubleValue", "double"},
    {"google.protobuf.FloatValue", "double"},  {"google.protobuf.Int32Value", "int"},   {"google.protobuf.Int64Value", "int"},
    {"google.protobuf.StringValue", "string"}, {"google.protobuf.UInt32Value", "uint"}, {"google.protobuf.UInt64Value", "uint"}};

Error not_understood(std::string what) { return {Reason::bad_request, std::move(what)}; }

template <class Number>
Result<Value> read_number(JsonView json) {
  if (const auto small = json.integer()) return Value::of(static_cast<Number>(*small));
  const auto text = json.string();
  Number number = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), number).ptr != text->data() + text->size()) {
    return not_understood("an integer value is text of digits");
  }
  return Value::of(number);
}

Result<Value> read_double(JsonView json) {
  if (const auto number = json.number()) return Value::of(*number);
  const std::string_view name = json.string().value_or("");
  if (name == "NaN") return Value::of(std::numeric_limits<double>::quiet_NaN());
  if (name == "Infinity") return Value::of(std::numeric_limits<double>::infinity());
  if (name == "-Infinity") return Value::of(-std::numeric_limits<double>::infinity());
  return not_understood("a double value is a number, NaN, Infinity or -Infinity");
}

Result<Value> read_bytes(JsonView json) {
  const auto text = json.string();
  Result<std::string> bytes = base64_decode(text.value_or(""));
  if (!text || !bytes.ok()) return not_understood("a bytes value is base64");
  return Value::of(cel::Bytes{std::move(bytes).value()});
}

Result<Value> read_list(JsonView json) {
  cel::List list;
  for (const JsonView element : json.get("values").elements()) {
    Result<Value> value = read_cel_value(element);
    if (!value.ok()) return value;
    list.push_back(std::move(value).value());
  }
  return Value::of(std::move(list));
}

Result<Value> read_map(JsonView json) {
  cel::Mapping map;
  for (const JsonView entry : json.get("entries").elements()) {
    Result<Value> key = read_cel_value(entry.get("key"));
    Result<Value> value = read_cel_value(entry.get("value"));
    if (!key.ok()) return key;
    if (!value.ok()) return value;
    if (!map.add(std::move(key).value(), std::move(value).value())) return not_understood("a key stands twice");
  }
  return Value::of(std::move(map));
}

Result<Value> read_object(JsonView json) {
  std::string_view type = json.get("@type").string().value_or("");
  if (type.starts_with(kTypePrefix)) type.remove_prefix(kTypePrefix.size());
  const JsonView value = json.get("value");
  if (type == "google.protobuf.Duration") {
    const auto duration = cel::parse_duration(value.string().value_or(""));
    if (duration) return Value::of(*duration);
  } else if (type == "google.protobuf.Timestamp") {
    const auto timestamp = cel::parse_timestamp(value.string().value_or(""));
    if (timestamp) return Value::of(*timestamp);
  } else if (type == "google.protobuf.Int32Value" || type == "google.protobuf.Int64Value") {
    return read_number<std::int64_t>(value);
  } else if (type == "google.protobuf.UInt32Value" || type == "google.protobuf.UInt64Value") {
    return read_number<std::uint64_t>(value);
  } else if (type == "google.protobuf.BytesValue") {
    return read_bytes(value);
  } else if (type == "google.protobuf.FloatValue" || type == "google.protobuf.DoubleValue") {
    return read_double(value);
  } else if (type == "google.protobuf.BoolValue" || type == "google.protobuf.StringValue" || type == "google.protobuf.Struct" ||
             type == "google.protobuf.ListValue" || type == "google.protobuf.Value") {
    return cel::value_from_json(value);
  }
  return not_understood("an object value of a type that is not known, or not of its form");
}

void write(JsonWriter& json, const Value& value);

void write_double(JsonWriter& json, double number) {
  json.key("doubleValue");
  if (std::isfinite(number)) {
    json.number(number);
  } else {
    json.string(std::isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
  }
}

void write_list(JsonWriter& json, const cel::Elements& list) {
  json.key("listValue").begin_object().key("values").begin_array();
  for (const Value& element : list) write(json, element);
  json.end_array().end_object();
}

void write_map(JsonWriter& json, const cel::Mapping& map) {
  json.key("mapValue").begin_object().key("entries").begin_array();
  for (const auto& [key, value] : map.entries()) {
    json.begin_object().key("key");
    write(json, key);
    json.key("value");
    write(json, value);
    json.end_object();
  }
  json.end_array().end_object();
}

void write_object(JsonWriter& json, std::string_view type, std::string_view text) {
  json.key("objectValue")
      .begin_object()
      .key("@type")
      .string(std::string(kTypePrefix) + std::string(type))
      .key("value")
      .string(text)
      .end_object();
}

void write(JsonWriter& json, const Value& given) {
  const Value value = cel::without_optional(given);
  json.begin_object();
  if (const auto* flag = value.as<bool>()) json.key("boolValue").boolean(*flag);
  if (const auto* number = value.as<std::int64_t>()) json.key("int64Value").string(std::to_string(*number));
  if (const auto* number = value.as<std::uint64_t>()) json.key("uint64Value").string(std::to_string(*number));
  if (const auto* number = value.as<double>()) write_double(json, *number);
  if (const auto* text = value.as<std::string>()) json.key("stringValue").string(*text);
  if (const auto* bytes = value.as<cel::Bytes>()) json.key("bytesValue").string(base64_encode(bytes->bytes));
  if (const auto* list = value.as<cel::List>()) write_list(json, *list);
  if (const auto* map = value.as<cel::Mapping>()) write_map(json, *map);
  if (const auto* type = value.as<cel::TypeValue>()) json.key("typeValue").string(type->name);
  if (const auto* duration = value.as<cel::Duration>()) write_object(json, "google.protobuf.Duration", cel::duration_text(*duration));
  if (const auto* timestamp = value.as<cel::Timestamp>()) write_object(json, "google.protobuf.Timestamp", cel::timestamp_text(*timestamp));
  if (value.is_null()) json.key("nullValue").null();
  json.end_object();
}

std::optional<std::string_view> primitive_name(std::string_view name) {
  if (name == "BOOL") return "bool";
  if (name == "INT64") return "int";
  if (name == "UINT64") return "uint";
  if (name == "DOUBLE") return "double";
  if (name == "STRING") return "string";
  if (name == "BYTES") return "bytes";
  return std::nullopt;
}

Result<cel::Type> named(std::string_view name) {
  const auto type = cel::type_from_name(name);
  if (!type) return not_understood("a type that is not known");
  return *type;
}

Result<cel::Type> with_parameters(cel::Kind kind, const std::vector<JsonView>& parameters) {
  cel::Type type{kind, {}, {}};
  for (const JsonView parameter : parameters) {
    Result<cel::Type> read = read_cel_type(parameter);
    if (!read.ok()) return read;
    type.parameters.push_back(std::move(read).value());
  }
  return type;
}

/// `{"wellKnown": …}`, `{"messageType": …}`.
Result<cel::Type> read_message_type(JsonView json) {
  const std::string_view known = json.get("wellKnown").string().value_or("");
  const std::string_view message = json.get("messageType").string().value_or("");
  if (known == "TIMESTAMP") return named("google.protobuf.Timestamp");
  if (known == "DURATION") return named("google.protobuf.Duration");
  if (known == "ANY" || message == "google.protobuf.Value" || message == "google.protobuf.Any") return cel::Type{};
  if (message == "google.protobuf.Struct") return named("map(string, dyn)");
  if (message == "google.protobuf.ListValue") return named("list(dyn)");
  for (const auto& [name, primitive] : kWrappers) {
    if (message == name) return named("wrapper(" + std::string(primitive) + ")");
  }
  return named(message);
}

}  // namespace

Result<Value> read_cel_value(JsonView json) {
  for (const auto& [name, member] : json.members()) {
    if (name == "value") return read_cel_value(member);
    if (name == "nullValue") return Value();
    if (name == "boolValue" && member.boolean()) return Value::of(*member.boolean());
    if (name == "int64Value") return read_number<std::int64_t>(member);
    if (name == "uint64Value") return read_number<std::uint64_t>(member);
    if (name == "doubleValue") return read_double(member);
    if (name == "stringValue" && member.string()) return Value::of(std::string(*member.string()));
    if (name == "bytesValue") return read_bytes(member);
    if (name == "listValue") return read_list(member);
    if (name == "mapValue") return read_map(member);
    if (name == "typeValue" && member.string()) return Value::of(cel::TypeValue{std::string(*member.string())});
    if (name == "objectValue") return read_object(member);
  }
  return not_understood("a value is an object with one member: int64Value, stringValue, …");
}

std::string write_cel_value(const Value& value) {
  JsonWriter json;
  write(json, value);
  return std::move(json).text();
}

Result<cel::Type> read_cel_type(JsonView json) {
  if (const auto text = json.string()) return named(*text);
  if (json.get("dyn").exists()) return cel::Type{};
  if (json.get("null").exists()) return cel::Type{cel::Kind::null_type, {}, {}};
  if (const auto name = json.get("primitive").string()) return named(primitive_name(*name).value_or(""));
  if (const auto name = json.get("wrapper").string()) return named("wrapper(" + std::string(primitive_name(*name).value_or("")) + ")");
  if (const JsonView list = json.get("listType"); list.exists()) return with_parameters(cel::Kind::list, {list.get("elemType")});
  if (const JsonView map = json.get("mapType"); map.exists())
    return with_parameters(cel::Kind::map, {map.get("keyType"), map.get("valueType")});
  if (const JsonView type = json.get("type"); type.exists()) return with_parameters(cel::Kind::type, {type});
  const JsonView abstract = json.get("abstractType");
  if (abstract.get("name").string() == "optional_type")
    return with_parameters(cel::Kind::optional, abstract.get("parameterTypes").elements());
  return read_message_type(json);
}

}  // namespace portcullis::probe
