#include "aws/providers/process.h"

#include <utility>

#include "aws/providers/answer.h"

namespace portcullis {

ProcessCredentials::ProcessCredentials(const Clock& clock, CredentialProcess process, ChildLimits limits)
    : clock_(clock), process_(std::move(process)), limits_(limits) {}

Result<std::shared_ptr<const AwsCredentials>> ProcessCredentials::credentials(bool /*refresh*/) {
  auto output = run_command(process_.command, limits_);
  if (!output) return output.error();
  auto credentials = read_process_answer(*output);
  wipe(*output);
  if (!credentials) return Error{credentials.error().reason, "credential_process: " + credentials.error().detail};
  if (auto fresh = check_not_expired(*credentials, clock_.now(), "credential_process"); !fresh) return fresh.error();
  if (!credentials->account_id) credentials->account_id = process_.account_id;
  return std::make_shared<const AwsCredentials>(std::move(credentials).value());
}

}  // namespace portcullis
