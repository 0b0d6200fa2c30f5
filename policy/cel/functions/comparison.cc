// `< <= > >=`: numbers of any kind with each other, and two texts, byte strings, bools, durations or timestamps.
#include "policy/cel/functions/function_table.h"

namespace portcullis::cel {
namespace {

/// A pair with NaN is comparable, and no order holds of it.
template <bool Less, bool Equal, bool Greater>
bool ordered(const Arguments& arguments, Value& result) {
  if (!comparable(arguments[0], arguments[1])) return arguments.evaluation.fail_overload();
  if (const auto text = arguments[0].text(); text && !arguments.evaluation.charge_copy(text->size())) return false;
  const auto found = compare(arguments[0], arguments[1]);
  result = Value::of(found && ((Less && *found < 0) || (Equal && *found == 0) || (Greater && *found > 0)));
  return true;
}

constexpr FunctionEntry kEntries[] = {{"_<_", 2, ordered<true, false, false>},
                                      {"_<=_", 2, ordered<true, true, false>},
                                      {"_>_", 2, ordered<false, false, true>},
                                      {"_>=_", 2, ordered<false, true, true>}};

}  // namespace

std::span<const FunctionEntry> comparison_functions() noexcept { return kEntries; }

}  // namespace portcullis::cel
