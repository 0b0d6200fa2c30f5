#include "aws/arn.h"

#include <algorithm>

namespace portcullis {

std::string_view arn_account(std::string_view arn) noexcept {
  if (!arn.starts_with("arn:")) return {};
  for (int colon = 0; colon < 4; ++colon) {
    const std::size_t at = arn.find(':');
    if (at == std::string_view::npos) return {};
    arn.remove_prefix(at + 1);
  }
  const std::string_view account = arn.substr(0, arn.find(':'));
  const bool sound = account.size() == 12 && std::all_of(account.begin(), account.end(), [](char c) { return c >= '0' && c <= '9'; });
  return sound ? account : std::string_view();
}

}  // namespace portcullis
