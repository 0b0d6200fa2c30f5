// Checks of literals that come after the types: mixed lists and maps, and format strings with their arguments.
#pragma once

#include "policy/cel/check/checker.h"
#include "policy/cel/expression.h"
#include "policy/cel/parse/faults.h"

namespace portcullis::cel {

/// Adds to `faults`:
/// - where `environment.homogeneous`: `expected type 'string' but found 'int'` for a list or map literal whose elements differ in type (dyn
///   beside string differs too), unless it stands in a call of `format`;
/// - for `'…'.format([…])` with both literal: a clause that is none, one without an argument, an argument without one, or one whose static
/// type the
///   clause cannot show.
void validate_literals(const CheckedAst& checked, const Environment& environment, Faults& faults);

}  // namespace portcullis::cel
