#include "policy/decide.h"

#include <algorithm>
#include <array>

#include "policy/judge.h"

namespace portcullis {
namespace {

enum class TagState { unknown, absent, present };

TagState state_of(std::string_view tag, const RequestFacts& facts) noexcept {
  const auto found = std::find_if(facts.tags.begin(), facts.tags.end(), [&](const TagFact& fact) { return fact.tag == tag; });
  if (found == facts.tags.end()) return TagState::unknown;
  return found->exists ? TagState::present : TagState::absent;
}

/// Asks for one right after another, and keeps the first refusal.
class Questions {
 public:
  Questions(Judge& judge, const Access& access, Trace* trace) : judge_(judge), access_(access), trace_(trace) {}

  bool ask(Action action, std::string_view repository, std::string_view reference, bool is_blob = false) {
    const bool granted = judge_.grants({action, repository, reference, is_blob});
    if (trace_ != nullptr) note(action, repository, reference, granted);
    if (granted) {
      if (verdict_.granted) verdict_.rule = judge_.rule();
    } else if (verdict_.granted) {
      verdict_.granted = false;
      verdict_.rule = judge_.rule();
      verdict_.message = judge_.message();
    }
    return granted;
  }

  /// A push: create for what is new, update for what is there, both where nobody knows; of a push by digest the digest as well, in zot's
  /// order.
  void ask_push(const RequestFacts& facts) {
    const std::string_view reference = access_.reference;
    const std::span<const std::string> tags = access_.tags;
    if (tags.empty()) {
      // A digest names its content: there is nothing to overwrite.
      if (reference.empty()) ask(Action::update, access_.repository, reference);
      ask(Action::create, access_.repository, reference);
      return;
    }
    bool some_new = false;
    bool some_old = false;
    for (const std::string& tag : tags) {
      const TagState state = state_of(tag, facts);
      some_new = some_new || state != TagState::present;
      some_old = some_old || state != TagState::absent;
      ask_tag(tag, state);
    }
    const bool by_digest = tags.size() != 1 || tags.front() != reference;
    if (by_digest && some_new) ask(Action::create, access_.repository, reference);
    if (by_digest && some_old) ask(Action::update, access_.repository, reference);
  }

  [[nodiscard]] PolicyVerdict verdict() const noexcept {
    PolicyVerdict verdict = verdict_;
    verdict.wants_tags = !verdict.granted && unknown_tags_ && !hopeless_;
    return verdict;
  }

 private:
  void ask_tag(const std::string& tag, TagState state) {
    const bool may_update = state != TagState::absent && ask(Action::update, access_.repository, tag);
    const bool may_create = state != TagState::present && ask(Action::create, access_.repository, tag);
    unknown_tags_ = unknown_tags_ || state == TagState::unknown;
    hopeless_ = hopeless_ || (!may_update && !may_create);
  }

  void note(Action action, std::string_view repository, std::string_view reference, bool granted) {
    std::string text(action_name(action));
    text.append(" on ").append(repository.empty() ? "everything" : repository);
    if (!reference.empty()) text.append(" at ").append(reference);
    text.append(granted ? ": granted" : ": not granted");
    trace_->add("access", granted, std::move(text));
    if (!granted && !judge_.flip().empty()) trace_->add("flip", false, "it would be granted by " + judge_.flip());
  }

  Judge& judge_;
  const Access& access_;
  Trace* const trace_;
  PolicyVerdict verdict_{.granted = true, .source_denied = false, .wants_tags = false, .rule = {}, .message = {}};
  bool unknown_tags_ = false;
  bool hopeless_ = false;  ///< for some tag neither right is granted
};

/// Of a mount the destination first; then the source, which must be named.
PolicyVerdict decide_mount(Questions& questions, const Access& access) {
  if (!questions.ask(Action::create, access.repository, access.reference, true)) return questions.verdict();
  const std::string& source = *access.mount_source;
  PolicyVerdict verdict = questions.verdict();
  if (source.empty()) {
    verdict.granted = false;
    verdict.source_denied = true;
    return verdict;
  }
  const bool readable = questions.ask(Action::read, source, access.reference, true);
  verdict = questions.verdict();
  verdict.source_denied = !readable;
  return verdict;
}

bool is_upload(RouteKind kind) noexcept { return kind == RouteKind::upload_start || kind == RouteKind::upload_session; }

}  // namespace

std::span<const std::string> written_tags(const Access& access) noexcept { return access.tags; }

PolicyVerdict decide(const Policy& policy, const Caller& caller, const Access& access, const RequestFacts& facts, TimePoint now,
                     Trace* trace) {
  if (access.kind == RouteKind::base) return {.granted = true, .source_denied = false, .wants_tags = false, .rule = {}, .message = {}};
  // Routes without a repository are for known callers.
  if (access.repository.empty() && caller.username.empty()) return {};
  Judge judge(policy, caller, facts, now, trace);
  Questions questions(judge, access, trace);
  if (access.mount_source) return decide_mount(questions, access);
  if (access.action == Action::create_or_update) {
    questions.ask_push(facts);
  } else {
    questions.ask(access.action, access.repository, access.reference, is_upload(access.kind));
  }
  return questions.verdict();
}

}  // namespace portcullis
