// The whole cloud behind one address: finds out which service and operation a request means, checks its signature, runs it, counts it, and
// shows the faults that a test asked for.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "tests/fake_aws/machines.h"
#include "tests/fake_aws/message.h"
#include "tests/fake_aws/script.h"
#include "tests/fake_aws/services.h"
#include "tests/fake_aws/world.h"

namespace portcullis::fake_aws {

/// Safe from many threads; one request at a time.
class Cloud {
 public:
  explicit Cloud(World world);

  /// A request to the AWS address.
  Answer serve(const Request& request) EXCLUDES(mutex_);
  /// A request to the control address (docs/development-aws.md).
  Answer control(const Request& request) EXCLUDES(mutex_);

 private:
  Answer serve_machine(const MachineCall& call, const Request& request) REQUIRES(mutex_);
  Answer serve_exchange(const Request& request) REQUIRES(mutex_);
  Answer serve_operation(const Operation& operation, const Request& request) REQUIRES(mutex_);
  Outcome run(const Operation& operation, const Request& request, std::string& who) REQUIRES(mutex_);
  Result<void> change(JsonView wish) REQUIRES(mutex_);
  Result<void> change_secret(JsonView given) REQUIRES(mutex_);
  Result<void> change_role(JsonView given) REQUIRES(mutex_);
  [[nodiscard]] std::string policies_json() const REQUIRES(mutex_);
  [[nodiscard]] std::string secrets_json() const REQUIRES(mutex_);
  Result<void> expire_sessions(std::string_view whose) REQUIRES(mutex_);

  // set once
  const std::vector<Operation> operations_;
  // guarded by mutex_
  Mutex mutex_;
  World world_ GUARDED_BY(mutex_);
  Machines machines_ GUARDED_BY(mutex_);
  Script script_ GUARDED_BY(mutex_);
};

}  // namespace portcullis::fake_aws
