// One question judged offline, by the same pure line as the daemon, and the answer as text or JSON: what `portcullis verify` says.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/trace.h"
#include "plugin/cli/command.h"
#include "plugin/state.h"
#include "verifier/verify.h"

namespace portcullis {

/// What is asked about a token. With neither URI nor repository: is the token itself good?
struct Question {
  std::optional<std::string_view> token;  ///< absent: a request without credentials
  std::string method;
  std::string uri;         ///< empty: not asked; else as the proxy would forward it, path and query
  std::string repository;  ///< empty: not asked
  std::string action;      ///< pull, push, delete, read, create or update
  // What conditions may read; empty: not known.
  std::string client;              ///< address of the client
  std::string user_agent;          ///< of the client
  std::optional<bool> tag_exists;  ///< whether the tags that are written are at the registry
};

struct Verdict {
  bool access_asked;  ///< false where the token alone was judged
  Reason reason;
  std::string detail;
  std::string needs;                           ///< what the request needs of an `access` claim, or empty
  std::shared_ptr<const VerifiedToken> token;  ///< null where the token is not good
  Trace trace;

  /// The nearest change that would have made a refusal of the policies an allow; empty where there is none to tell.
  [[nodiscard]] std::string_view flip() const noexcept;
};

/// Judges `question` at `now`. The trace begins with the route, if one was asked for.
Verdict judge(const Question& question, const State& state, TimePoint now);

/// 0 allowed, 1 refused, 2 where no token could be judged (503, faults).
ExitStatus status_of(Reason reason) noexcept;

/// The verdict for people: the verdict, every step, and what would mend the first that failed. Never holds the token.
std::string verdict_text(const CommandContext& context, const Question& question, const Verdict& verdict);
/// The same as one JSON object, in the words of `/v1/verify`.
std::string verdict_json(const Verdict& verdict);

}  // namespace portcullis
