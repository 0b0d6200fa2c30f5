// The CEL of claim mappings: what its expressions may read, for the loader that checks them and the verifier that runs them.
#pragma once

#include <string_view>

#include "base/result.h"
#include "policy/cel/expression.h"

namespace portcullis {

/// Compiles one expression over `claims` and `vars`, both `map(string, dyn)`, as in zot. `Reason::compile_error`, in the words of
/// `cel::Expression::compile`.
Result<cel::Expression> compile_claim_expression(std::string_view source);

/// The same for a validation, which is bool by its static type: a `dyn` is refused too, as in zot, and the message says to write `== true`.
Result<cel::Expression> compile_claim_validation(std::string_view source);

}  // namespace portcullis
