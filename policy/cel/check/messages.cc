#include "policy/cel/check/messages.h"

#include <algorithm>
#include <string>

namespace portcullis::cel {
namespace {

Type named(std::string_view text) { return type_from_name(text).value(); }

std::vector<MessageType> well_known() {
  std::vector<MessageType> all;
  const auto wrapper = [&all](std::string_view name, const Type& primitive) {
    all.push_back({name, Type{Kind::wrapper, {primitive}, {}}, {{"value", primitive}}});
  };
  wrapper("google.protobuf.BoolValue", named("bool"));
  wrapper("google.protobuf.BytesValue", named("bytes"));
  wrapper("google.protobuf.DoubleValue", named("double"));
  wrapper("google.protobuf.FloatValue", named("double"));
  wrapper("google.protobuf.Int32Value", named("int"));
  wrapper("google.protobuf.Int64Value", named("int"));
  wrapper("google.protobuf.StringValue", named("string"));
  wrapper("google.protobuf.UInt32Value", named("uint"));
  wrapper("google.protobuf.UInt64Value", named("uint"));
  for (const std::string_view name : {"google.protobuf.Duration", "google.protobuf.Timestamp"}) {
    all.push_back({name, named(name), {{"seconds", named("int")}, {"nanos", named("int")}}});
  }
  const Type object = named("map(string, dyn)");
  const Type list = named("list(dyn)");
  all.push_back({"google.protobuf.Struct", object, {{"fields", object}}});
  all.push_back({"google.protobuf.ListValue", list, {{"values", list}}});
  all.push_back({"google.protobuf.Value",
                 named("dyn"),
                 {{"null_value", named("null")},
                  {"bool_value", named("bool")},
                  {"number_value", named("double")},
                  {"string_value", named("string")},
                  {"struct_value", object},
                  {"list_value", list}}});
  return all;
}

}  // namespace

const MessageType* message_type(std::string_view name) {
  static const std::vector<MessageType> kAll = well_known();
  const auto found = std::find_if(kAll.begin(), kAll.end(), [&](const MessageType& message) { return message.name == name; });
  return found == kAll.end() ? nullptr : &*found;
}

}  // namespace portcullis::cel
