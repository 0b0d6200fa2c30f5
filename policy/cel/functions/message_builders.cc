#include "policy/cel/functions/message_builders.h"

#include <cstdint>

#include "policy/cel/functions/calendar.h"

namespace portcullis::cel {
namespace {

bool take_value(const Arguments& arguments, Value& result) {
  result = arguments[0];
  return true;
}

template <class Narrow, class Wide>
bool take_narrow(const Arguments& arguments, Value& result) {
  const auto* number = arguments[0].as<Wide>();
  if (number == nullptr) return arguments.evaluation.fail_overload();
  if (static_cast<Wide>(static_cast<Narrow>(*number)) != *number)
    return arguments.evaluation.fail("range error: the number does not fit in 32 bits");
  result = arguments[0];
  return true;
}

bool take_float(const Arguments& arguments, Value& result) {
  const auto* number = arguments[0].as<double>();
  if (number == nullptr) return arguments.evaluation.fail_overload();
  result = Value::of(static_cast<double>(static_cast<float>(*number)));
  return true;
}

/// `seconds` and `nanos`.
bool read_time(const Arguments& arguments, std::int64_t& seconds, std::int64_t& nanos) {
  const auto* first = arguments[0].as<std::int64_t>();
  const auto* second = arguments[1].as<std::int64_t>();
  if (first == nullptr || second == nullptr) return arguments.evaluation.fail_overload();
  seconds = *first;
  nanos = *second;
  if (nanos <= -kNanosASecond || nanos >= kNanosASecond) return arguments.evaluation.fail("nanos out of range");
  return true;
}

bool build_duration(const Arguments& arguments, Value& result) {
  std::int64_t seconds = 0;
  std::int64_t nanos = 0;
  if (!read_time(arguments, seconds, nanos)) return false;
  const auto all = nanos_of({seconds, static_cast<std::int32_t>(nanos)});
  if (!all) return arguments.evaluation.fail("duration out of range");
  result = Value::of(duration_from_nanos(*all));
  return true;
}

bool build_timestamp(const Arguments& arguments, Value& result) {
  std::int64_t seconds = 0;
  std::int64_t nanos = 0;
  if (!read_time(arguments, seconds, nanos)) return false;
  const auto start = timestamp_from_seconds(seconds);
  const auto timestamp = start ? add(*start, nanos) : std::nullopt;
  if (!timestamp) return arguments.evaluation.fail("timestamp out of range");
  result = Value::of(*timestamp);
  return true;
}

/// The one field that is there; null where none is, or `null_value`.
bool build_value(const Arguments& arguments, Value& result) {
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    if (arguments[i].is_null()) continue;
    result = arguments[i];
    return true;
  }
  result = Value();
  return true;
}

template <class T>
Value zero() {
  return Value::of(T{});
}
Value null() { return {}; }

constexpr MessageDefault kBool[] = {{"value", zero<bool>}};
constexpr MessageDefault kInt[] = {{"value", zero<std::int64_t>}};
constexpr MessageDefault kUint[] = {{"value", zero<std::uint64_t>}};
constexpr MessageDefault kDouble[] = {{"value", zero<double>}};
constexpr MessageDefault kString[] = {{"value", zero<std::string>}};
constexpr MessageDefault kBytes[] = {{"value", zero<Bytes>}};
constexpr MessageDefault kTime[] = {{"seconds", zero<std::int64_t>}, {"nanos", zero<std::int64_t>}};
constexpr MessageDefault kStruct[] = {{"fields", zero<Map>}};
constexpr MessageDefault kList[] = {{"values", zero<List>}};
constexpr MessageDefault kValue[] = {{"null_value", null},   {"bool_value", null},   {"number_value", null},
                                     {"string_value", null}, {"struct_value", null}, {"list_value", null}};

constexpr MessageBuilder kBuilders[] = {{"google.protobuf.BoolValue", kBool, take_value},
                                        {"google.protobuf.Int32Value", kInt, take_narrow<std::int32_t, std::int64_t>},
                                        {"google.protobuf.Int64Value", kInt, take_value},
                                        {"google.protobuf.UInt32Value", kUint, take_narrow<std::uint32_t, std::uint64_t>},
                                        {"google.protobuf.UInt64Value", kUint, take_value},
                                        {"google.protobuf.FloatValue", kDouble, take_float},
                                        {"google.protobuf.DoubleValue", kDouble, take_value},
                                        {"google.protobuf.StringValue", kString, take_value},
                                        {"google.protobuf.BytesValue", kBytes, take_value},
                                        {"google.protobuf.Duration", kTime, build_duration},
                                        {"google.protobuf.Timestamp", kTime, build_timestamp},
                                        {"google.protobuf.Struct", kStruct, take_value},
                                        {"google.protobuf.ListValue", kList, take_value},
                                        {"google.protobuf.Value", kValue, build_value}};

}  // namespace

const MessageBuilder* find_message_builder(std::string_view name) noexcept {
  if (name.starts_with('.')) name.remove_prefix(1);
  for (const MessageBuilder& builder : kBuilders) {
    if (builder.name == name) return &builder;
  }
  return nullptr;
}

}  // namespace portcullis::cel
