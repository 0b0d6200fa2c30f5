#include "config/claim_expressions.h"

#include <string>
#include <utility>

namespace portcullis {
namespace {

const cel::Environment& environment() {
  static const cel::Environment claims_and_variables = [] {
    const cel::Type text{.kind = cel::Kind::string, .parameters = {}, .name = {}};
    const cel::Type anything{.kind = cel::Kind::dyn, .parameters = {}, .name = {}};
    const cel::Type map{.kind = cel::Kind::map, .parameters = {text, anything}, .name = {}};
    cel::Environment made;
    made.variables = {{"claims", map}, {"vars", map}};
    return made;
  }();
  return claims_and_variables;
}

}  // namespace

Result<cel::Expression> compile_claim_expression(std::string_view source) { return cel::Expression::compile(source, environment()); }

Result<cel::Expression> compile_claim_validation(std::string_view source) {
  auto compiled = compile_claim_expression(source);
  if (!compiled || compiled->type().kind == cel::Kind::boolean) return compiled;
  std::string why = "CEL expression output type mismatch: expected bool, got " + cel::type_name(compiled->type());
  if (compiled->type().kind == cel::Kind::dyn) why += "; nobody knows the type of a claim before it is there: write == true behind it";
  return Error{Reason::compile_error, std::move(why)};
}

}  // namespace portcullis
