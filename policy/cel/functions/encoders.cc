// `base64.encode` and `base64.decode`: the plain alphabet; padding may be left out when decoding, as in cel-go.
#include "base/codec/base64url.h"
#include "policy/cel/functions/function_table.h"

namespace portcullis::cel {
namespace {

bool encode(const Arguments& arguments, Value& result) {
  const auto* bytes = arguments[0].as<Bytes>();
  if (bytes == nullptr) return arguments.evaluation.fail_overload();
  if (!arguments.evaluation.charge_scan(bytes->bytes.size()) || !arguments.evaluation.allow_text((bytes->bytes.size() + 2) / 3 * 4))
    return false;
  result = Value::of(base64_encode(bytes->bytes));
  return true;
}

bool decode(const Arguments& arguments, Value& result) {
  const auto* text = arguments[0].as<std::string>();
  if (text == nullptr) return arguments.evaluation.fail_overload();
  if (!arguments.evaluation.charge_scan(text->size()) || !arguments.evaluation.allow_text(text->size())) return false;
  std::string padded(*text);
  while (padded.size() % 4 != 0 && padded.size() - text->size() < 2) padded += '=';
  Result<std::string> bytes = base64_decode(padded);
  if (!bytes.ok()) return arguments.evaluation.fail("the text is no base64");
  result = Value::of(Bytes{std::move(bytes).value()});
  return true;
}

constexpr FunctionEntry kEntries[] = {{"base64.encode", 1, encode}, {"base64.decode", 1, decode}};

}  // namespace

std::span<const FunctionEntry> encoder_functions() noexcept { return kEntries; }

}  // namespace portcullis::cel
