// Fuzzes the reader of ECR host names: what it takes has twelve digits or none, a region of its own, and only one spelling but for case.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "aws/ecr_host.h"

namespace {

void check(bool good) {
  if (!good) std::abort();
}

bool is_known_end(std::string_view host) {
  for (const std::string_view suffix : {".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".c2s.ic.gov", ".sc2s.sgov.gov",
                                        ".cloud.adc-e.uk", ".csp.hci.ic.gov", ".on.aws", ".on.amazonwebservices.com.cn"}) {
    if (host.ends_with(suffix)) return true;
  }
  return host == "public.ecr.aws" || host == "ecr-public.aws.com";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace portcullis;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto host = parse_ecr_host(text);
  if (!host) return 0;
  std::string lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  check(parse_ecr_host(lower) == host);
  check(is_known_end(lower));
  check(host->region.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos && !host->region.empty());
  if (host->kind == EcrHost::Kind::ecr) check(host->account.size() == 12 && lower.starts_with(host->account + ".dkr"));
  // One byte more, and it is another name.
  for (const char* more : {".", ":443", "/", ".evil.example", " "}) check(!parse_ecr_host(text + more));
  for (const char* more : {".", "x", "1", "evil-", "//"}) check(!parse_ecr_host(more + text));
  return 0;
}
