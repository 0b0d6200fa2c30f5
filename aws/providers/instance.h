// Credentials of the EC2 instance's role, by the instance metadata service, version 2 (EC2 User Guide, "Use IMDSv2").
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "aws/client.h"
#include "aws/shared_config.h"
#include "base/mutex.h"

namespace portcullis {

/// Asks the service at each call; cache it. Where there is no service, gives up within one second in all; where there is, a call takes 5 s
/// at most. Without a session token nothing is asked, unless `ImdsSettings::allow_v1` (D-7). Safe from many threads.
class InstanceMetadata final : public CredentialSource {
 public:
  /// `warn` hears when old credentials are kept; may be empty.
  InstanceMetadata(const AwsTools& tools, ImdsSettings settings, std::function<void(std::string_view)> warn);
  /// Valid for one hour at most. Where the service fails, or gives what has expired, and `refresh` is false, what it gave last is kept for
  /// another 5 to 15 minutes (static stability; D-9 excepts this source alone). `Reason::io_failed`.
  [[nodiscard]] Result<std::shared_ptr<const AwsCredentials>> credentials(bool refresh) override;

 private:
  struct Budget;
  struct Session {
    std::string token;  ///< empty: IMDSv1
    SteadyPoint until;
  };

  Result<AwsCredentials> fetch();
  Result<Session> session(Budget& budget);
  Result<Session> new_session(Budget& budget);
  Result<std::string> get(const std::string& path, Session& session, Budget& budget);
  Result<IncomingAnswer> send(OutgoingRequest request, Budget& budget, int tries);
  std::shared_ptr<const AwsCredentials> extended(const AwsCredentials& old);

  // set once
  const AwsTools tools_;
  const ImdsSettings settings_;
  const std::function<void(std::string_view)> warn_;
  // guarded by mutex_
  Mutex mutex_;
  std::optional<Session> session_ GUARDED_BY(mutex_);
  std::shared_ptr<const AwsCredentials> last_ GUARDED_BY(mutex_);
};

}  // namespace portcullis
