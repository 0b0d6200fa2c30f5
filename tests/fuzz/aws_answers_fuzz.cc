// Fuzzes what hands out AWS credentials: processes, containers, instances, IAM Identity Center and its cached tokens. The first byte picks
// the reader. Whatever is taken must be whole.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "aws/container_url.h"
#include "aws/dates.h"
#include "aws/providers/answer.h"
#include "aws/providers/sso_token.h"

namespace {

using namespace portcullis;

void check(const Result<AwsCredentials>& read) {
  if (!read.ok()) return;
  if (read->access_key_id.empty() || read->secret_access_key.empty()) std::abort();
  const AwsCredentials copy = copy_of(*read);
  if (copy.secret_access_key.reveal() != read->secret_access_key.reveal() || copy.expires != read->expires) std::abort();
}

void check_token(const std::string& text) {
  const auto token = read_sso_token(text);
  if (!token.ok()) return;
  RefreshedToken fresh;
  fresh.access_token = Secret("fresh");
  fresh.expires = TimePoint(std::chrono::seconds(1772366400));
  fresh.refresh_token = Secret("next");
  const auto again = read_sso_token(renewed_sso_file(text, fresh));
  if (!again.ok() || again->access_token.reveal() != "fresh" || again->expires != fresh.expires) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'p': check(read_process_answer(text)); break;
    case 'c': check(read_container_answer(text)); break;
    case 'i': check(read_instance_answer(text)); break;
    case 's': check(read_sso_answer(text)); break;
    case 't': check_token(text); break;
    case 'n': (void)read_created_token(text, TimePoint(std::chrono::seconds(1772366400))); break;
    case 'u':
      if (const auto url = full_container_url(text); url.ok() && *url != text) std::abort();
      break;
    default: (void)parse_rfc3339(text); break;
  }
  return 0;
}
