// Credentials of a container's role: ECS, EKS Pod Identity, or a program that speaks as they do.
#pragma once

#include <memory>

#include "aws/chain_plan.h"
#include "aws/client.h"
#include "base/io/environment.h"
#include "base/io/files.h"

namespace portcullis {

/// Asks the endpoint at each call; cache it. Safe from many threads.
class ContainerRole final : public CredentialSource {
 public:
  ContainerRole(const AwsTools& tools, const Files& files, const Environment& environment, ContainerEndpoint endpoint);
  /// The token file is read anew; one line end behind a token is dropped, any other CR or LF refuses it. http goes to container and
  /// loopback addresses alone, judged on the address that is connected to. Expired credentials are an error that names the time (D-9).
  /// `Reason::io_failed`.
  [[nodiscard]] Result<std::shared_ptr<const AwsCredentials>> credentials(bool refresh) override;

 private:
  Result<std::optional<Secret>> token() const;

  const AwsTools tools_;
  const Files& files_;
  const Environment& environment_;
  const ContainerEndpoint endpoint_;
};

}  // namespace portcullis
