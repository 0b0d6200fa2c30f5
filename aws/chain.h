// The default credential chain: from configuration to a plan, and from the plan to a source of credentials.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "aws/chain_plan.h"
#include "aws/client.h"
#include "aws/credential_cache.h"
#include "aws/shared_config.h"
#include "base/io/environment.h"
#include "base/io/files.h"

namespace portcullis {

/// What the chain may use of the outside world. Every reference outlives what is made with it.
struct ChainTools {
  AwsTools aws;  ///< CA bundle and retries are taken from the configuration
  Files& files;
  const Environment& environment;
  CredentialCache::Background background{};      ///< see `CredentialCache`
  std::function<void(std::string_view)> warn{};  ///< hears the plan's warnings, and when an instance's credentials are kept past their time
};

/// A chain that was set up.
struct ResolvedChain {
  SharedConfig config;  ///< without secret keys and session tokens: the source has them
  ChainPlan plan;
  std::unique_ptr<CredentialSource> credentials;  ///< cached; see `make_chain`
};

/// Loads the configuration, plans, and builds the source. Asks nobody yet. `Reason::bad_request`; the detail begins with
/// `failed to load AWS configuration: `.
Result<ResolvedChain> resolve_chain(const ChainTools& tools, const SharedConfigOptions& options);

/// The source of `plan`, in a `CredentialCache`: static choice, so a source that fails at run time is an error and never replaced by
/// another. Its errors are `Reason::io_failed`: `failed to load AWS configuration: ` and every source in order, why it was passed over or
/// how it failed, and how long that took. `Reason::bad_request` where an endpoint cannot be found (no region).
Result<std::unique_ptr<CredentialSource>> make_chain(const ChainTools& tools, const SharedConfig& config, const ChainPlan& plan);

/// `tools` with the CA bundle and the retry rules of `config`: for clients of other services.
AwsTools configured(const AwsTools& tools, const SharedConfig& config);

}  // namespace portcullis
