// `cel.expr.Value` and `cel.expr.Type` in protobuf JSON, as conformance suites for CEL write them.
#pragma once

#include <string>

#include "base/codec/json.h"
#include "base/result.h"
#include "policy/cel/type.h"
#include "policy/cel/value.h"

namespace portcullis::probe {

/// `{"int64Value": "5"}`, `{"listValue": {"values": […]}}`, `{"objectValue": {"@type": "…/google.protobuf.Duration", "value": "3s"}}`, …;
/// also within `{"value": …}`, which is an `ExprValue`. Of objects the well-known types alone are understood. `Reason::bad_request`.
Result<cel::Value> read_cel_value(JsonView json);

/// The same the other way. An optional is written as what it holds, and an empty one as null: the message knows no optional.
std::string write_cel_value(const cel::Value& value);

/// A type's name (`"map(string, dyn)"`), or a `cel.expr.Type`: `{"primitive": "INT64"}`, `{"listType": {"elemType": …}}`, …
/// `Reason::bad_request`.
Result<cel::Type> read_cel_type(JsonView json);

}  // namespace portcullis::probe
