// Credentials from a program (`credential_process`; SDKs and Tools Reference Guide, "Process credential provider").
#pragma once

#include <memory>

#include "aws/chain_plan.h"
#include "aws/client.h"
#include "aws/providers/child_process.h"
#include "base/clock.h"

namespace portcullis {

/// Runs the command at each call; cache it. Safe from many threads.
class ProcessCredentials final : public CredentialSource {
 public:
  ProcessCredentials(const Clock& clock, CredentialProcess process, ChildLimits limits = {});
  /// Expired credentials are an error that names the time (D-9). `Reason::io_failed`; nothing of the output is in its detail.
  [[nodiscard]] Result<std::shared_ptr<const AwsCredentials>> credentials(bool refresh) override;

 private:
  const Clock& clock_;
  const CredentialProcess process_;
  const ChildLimits limits_;
};

}  // namespace portcullis
