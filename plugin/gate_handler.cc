#include "plugin/gate_handler.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/codec/hex.h"
#include "base/codec/percent.h"
#include "plugin/broker/credentials_route.h"
#include "plugin/broker/login_answer.h"
#include "plugin/decisions/recorder.h"
#include "plugin/exchange/upstream_call.h"
#include "plugin/gate.h"
#include "plugin/http/client_address.h"
#include "plugin/http/header_scan.h"
#include "plugin/http/respond.h"
#include "policy/decide.h"

namespace portcullis {
namespace {

std::string random_prefix(Entropy& entropy) {
  std::array<std::uint8_t, 8> bytes{};
  entropy.fill(bytes);
  return hex_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()}) + "-";
}

/// Whose share of the waiting places a request takes; empty where no header tells clients apart. Who is not told where a header should
/// tell shares with all such of the peer.
std::string client_of(const HttpRequest& request, const GateRules& rules) {
  if (!rules.client_address_header) return {};
  const FactValue told = scan_headers(request, rules)[Fact::client_address];
  std::string share = told.count == 1 ? client_share(client_address(told.value)) : std::string();
  return share.empty() ? request.peer->text : share;
}

/// A reload may trust other users: the connection is judged again by each configuration.
void judge_peer(Connection& connection, const LiveState& live) noexcept {
  if (connection.judged_generation == live.state.config_generation) return;
  connection.judged_generation = live.state.config_generation;
  connection.peer.user_trusted =
      connection.peer.kind == Peer::Kind::unix_socket && live.trust.trusts(connection.credentials, connection.socket_group);
}

/// Whether `source`, as it was, has had a round since, or is there no more. A reload's source may have the same name and as many rounds:
/// its keys are other ones.
bool round_has_ended(const State& now, const SourceState& source) {
  const auto same = [&source](const SourceState& other) {
    return other.name == source.name && other.generation == source.generation && other.good_rounds == source.good_rounds &&
           other.failed_rounds == source.failed_rounds;
  };
  return !same(now.source) && std::none_of(now.issuers.sources().begin(), now.issuers.sources().end(), same);
}

/// Hands a suspended request to whoever ends its wait. Where that fails it goes on at once, with what was said for that case: nobody else
/// would ever wake it.
template <class Submit>
void hand_over(Connection& connection, std::optional<GateAnswer>& given, Submit submit) noexcept {
  try {
    submit();
  } catch (...) {
    given = bare_refusal();
    resume(connection);
  }
}

/// Ends the wait of a suspended request with what `make` says, or with a refusal without words: whoever waits is woken, and nothing
/// reaches the others who are woken behind it.
template <class Make>
void wake(Connection& connection, std::optional<GateAnswer>& given, Make make) noexcept {
  try {
    given = make();
  } catch (...) {
    given = bare_refusal();
  }
  resume(connection);
}

/// Instead of an allow that has no line in the decision log.
GateAnswer refuse_unlogged(const GateAnswer& given, const HttpRequest& request, const GateRules& rules, std::string_view id) {
  Decision decision = refuse({Reason::decision_log_full, "the decision log cannot be written"}, given.decision->access);
  HttpAnswer http = respond(decision, rules, given.endpoint, id);
  if (request.method == "HEAD") http.body.clear();
  return {std::move(http), given.endpoint, std::move(decision)};
}

}  // namespace

/// One request from its arrival to its answer, over as many calls as it takes.
struct GateHandler::Asked {
  std::string id;
  SteadyPoint begin;
  bool waited_for_keys = false;
  bool asked_registry = false;
  std::vector<TagFact> tags;  ///< what it said
};

/// A request that is suspended.
struct GateHandler::Waiting final : Pending, Asked {
  explicit Waiting(const Asked& asked) : Asked(asked) {}
  std::optional<Admission::Place> place;
  std::shared_ptr<const LiveState> live;  ///< what it was judged by
  std::optional<GateAnswer> allowed;      ///< what still lacks a login
  std::optional<GateAnswer> given;        ///< what the pool found
};

GateHandler::GateHandler(GateTools tools)
    : tools_(std::move(tools)), id_prefix_(random_prefix(tools_.entropy)), log_(tools_.log), shadow_(tools_.log, tools_.metrics) {}

bool GateHandler::reads_body(std::string_view method, std::string_view raw_uri) const noexcept {
  const Endpoint endpoint = endpoint_of(method, raw_uri);
  return endpoint == Endpoint::verify || endpoint == Endpoint::introspect || endpoint == Endpoint::exchange ||
         endpoint == Endpoint::credentials;
}

std::optional<HttpAnswer> GateHandler::handle(Connection& connection) {
  if (connection.pending == nullptr) {
    return ask(connection,
               {.id = next_id(), .begin = tools_.clock.steady_now(), .waited_for_keys = false, .asked_registry = false, .tags = {}});
  }
  const std::unique_ptr<Pending> held = std::move(connection.pending);
  auto& waiting = static_cast<Waiting&>(*held);
  waiting.place.reset();
  if (!waiting.given || outlives_its_state(waiting)) return ask(connection, waiting);
  return settle(connection, waiting.live, waiting, *waiting.given);
}

/// Whether an allow was decided by a state that is in force no more: who was refused, revoked or rotated out meanwhile gets nothing.
bool GateHandler::outlives_its_state(const Waiting& waiting) const noexcept {
  return waiting.given->decision && waiting.given->decision->allowed() && tools_.live.read() != waiting.live;
}

/// Decides with the newest state, or sees to it that somebody decides later.
std::optional<HttpAnswer> GateHandler::ask(Connection& connection, const Asked& asked) {
  const std::shared_ptr<const LiveState>& live = tools_.live.read();
  judge_peer(connection, *live);
  Deferral deferral;
  GateAnswer given = answer(connection.request, live->state, &tools_.cache, asked.id, tools_.clock.now(), &deferral, asked.tags);
  if (deferral.wanted && check_elsewhere(connection, live, asked)) return std::nullopt;
  if (!deferral.wanted && wait_for_keys(connection, live, asked, given, deferral.lacking)) return std::nullopt;
  return settle(connection, live, asked, given);
}

/// The answer, but where another token endpoint has to be asked for it first.
std::optional<HttpAnswer> GateHandler::settle(Connection& connection, const std::shared_ptr<const LiveState>& live, const Asked& asked,
                                              GateAnswer& given) {
  if (given.upstream != nullptr) {
    if (ask_upstream(connection, live, asked, given)) return std::nullopt;
    given = upstream_busy(live->state, asked.id);
  }
  if (given.decision && given.decision->wants_tags && !asked.asked_registry && ask_registry(connection, live, asked, given))
    return std::nullopt;
  if (given.login != nullptr && ask_broker(connection, live, asked, given)) return std::nullopt;
  if (given.credentials != nullptr && ask_credentials(connection, live, asked, given)) return std::nullopt;
  return finish(connection, *live, asked, given);
}

bool GateHandler::is_stranger(const Peer& peer) const noexcept { return !is_trusted(&peer, tools_.live.read()->state.rules); }

void GateHandler::on_turned_away(const Peer& peer) noexcept {
  const std::int64_t minute = std::chrono::floor<std::chrono::minutes>(tools_.clock.steady_now().time_since_epoch()).count() + 1;
  if (told_of_strangers_.exchange(minute) == minute) return;
  tools_.log.write(LogLevel::warn, "connections of peers that are not trusted are closed: others of them hold all that such may have",
                   {{"peer", peer.text}, {"setting", "portcullis.proxy.trusted"}});
}

/// Takes a place for the request, and suspends it. Null where there is no room.
GateHandler::Waiting* GateHandler::hold(Connection& connection, const std::shared_ptr<const LiveState>& live, const Asked& asked,
                                        Admission& admission) {
  std::optional<Admission::Place> place = admission.enter(client_of(connection.request, live->state.rules));
  if (!place) return nullptr;
  auto held = std::make_unique<Waiting>(asked);
  held->place.emplace(std::move(*place));
  held->live = live;
  Waiting* const later = held.get();
  connection.pending = std::move(held);
  suspend(connection);
  return later;
}

/// The signature is checked on a thread of the pool, with the state that was read here. Whether there was room.
bool GateHandler::check_elsewhere(Connection& connection, const std::shared_ptr<const LiveState>& live, const Asked& asked) {
  Waiting* const later = hold(connection, live, asked, tools_.admission);
  if (later == nullptr) return false;
  hand_over(connection, later->given, [&] {
    tools_.pool.submit([this, &connection, later, queued = tools_.clock.steady_now()] {
      later->given = answer_in_turn(connection.request, later->live->state, &tools_.cache, later->id, tools_.clock.now(),
                                    tools_.clock.steady_now() - queued, later->tags);
      resume(connection);
    });
  });
  return true;
}

/// A key that the set lacks, or a set that was never loaded, may be on its way. Whether the request waits for the round that it nudged.
bool GateHandler::wait_for_keys(Connection& connection, const std::shared_ptr<const LiveState>& live, const Asked& asked,
                                const GateAnswer& given, const std::vector<std::size_t>& lacking) {
  if (asked.waited_for_keys || !given.decision || live->state.config.keys.wait == Milliseconds(0)) return false;
  const Reason reason = given.decision->reason();
  if (reason != Reason::key_unknown && reason != Reason::keys_not_loaded) return false;
  const SourceState* awaited = nullptr;
  for (const std::size_t index : lacking)
    if (tools_.nudge(live->state.source_at(index).name)) awaited = &live->state.source_at(index);
  if (awaited == nullptr) return false;
  Waiting* const later = hold(connection, live, asked, tools_.admission);
  if (later == nullptr) return false;
  later->waited_for_keys = true;
  const std::shared_ptr<const LiveState> judged_by = live;
  bool in_room = false;
  hand_over(connection, later->given, [&] {
    tools_.room.add([&connection] { resume(connection); }, tools_.clock.steady_now() + live->state.config.keys.wait, awaited->name);
    in_room = true;
  });
  // The round may have ended before the request was in the room; from here on the connection belongs to whoever wakes it.
  if (in_room) wake_if_ended(*awaited);
  return true;
}

/// Where that fails they wait until their time is up.
void GateHandler::wake_if_ended(const SourceState& awaited) noexcept {
  try {
    if (round_has_ended(tools_.live.read()->state, awaited)) tools_.room.wake_source(awaited.name);
  } catch (...) {
  }
}

/// Whether there was room to ask for the tags that a push writes; then it is decided anew with what the registry says.
bool GateHandler::ask_registry(Connection& connection, const std::shared_ptr<const LiveState>& live, const Asked& asked,
                               const GateAnswer& given) {
  const std::span<const std::string> tags = written_tags(*given.decision->access);
  Waiting* const later = hold(connection, live, asked, tools_.tags.admission());
  if (later == nullptr) return false;
  later->asked_registry = true;
  hand_over(connection, later->given, [&] {
    TagQuestion question{
        .registry = live->state.config.registry, .repository = given.decision->access->repository, .tags = {tags.begin(), tags.end()}};
    tools_.tags.submit(std::move(question), [&connection, later](std::vector<TagFact> facts) {
      later->tags = std::move(facts);
      resume(connection);
    });
  });
  return true;
}

/// False: the decision is an allow that must not be given.
bool GateHandler::log_decision(const Connection& connection, const State& state, const Asked& asked, const GateAnswer& given,
                               SteadyPoint end) {
  thread_local RecordScratch scratch;
  DecisionRecord record = record_decision(connection.request, given, state, asked.tags, tools_.clock.now(), scratch);
  record.took = end - asked.begin;
  record.set(RecordText::id, asked.id);
  return tools_.decisions.keep(record);
}

/// Whether there was room for a call to the other endpoint.
bool GateHandler::ask_upstream(Connection& connection, const std::shared_ptr<const LiveState>& live, const Asked& asked,
                               const GateAnswer& given) {
  Waiting* const later = hold(connection, live, asked, tools_.relay.admission());
  if (later == nullptr) return false;
  hand_over(connection, later->given, [&] {
    tools_.relay.submit(given.upstream, [&connection, later](Result<IncomingAnswer> brought) {
      later->given = upstream_answer(std::move(brought), later->id);
      resume(connection);
    });
  });
  return true;
}

/// Puts the login that the request needs into `given`, or a refusal in its place: then it can be sent. Whether the request waits for the
/// login instead.
bool GateHandler::ask_broker(Connection& connection, const std::shared_ptr<const LiveState>& live, const Asked& asked, GateAnswer& given) {
  const GateRules& rules = live->state.rules;
  const std::string_view method = connection.request.method;
  if (const SharedLogin login = tools_.broker.find(*given.login)) {
    if (const auto added = add_login(given, *login); !added) given = refuse_without_login(given, added.error(), rules, method, asked.id);
    return false;
  }
  Waiting* const later = hold(connection, live, asked, tools_.broker.admission());
  if (later == nullptr) {
    given = refuse_without_login(given, {Reason::overloaded, "too many requests wait for a login"}, rules, method, asked.id);
    return false;
  }
  later->allowed.emplace(std::move(given));
  hand_over(connection, later->given, [&] {
    tools_.broker.login(*later->allowed->login, false, [&connection, later](const Result<SharedLogin>& brought) {
      wake(connection, later->given, [&] {
        Result<void> added = brought ? add_login(*later->allowed, **brought) : Result<void>(brought.error());
        if (added) return std::move(*later->allowed);
        return refuse_without_login(*later->allowed, added.error(), later->live->state.rules, connection.request.method, later->id);
      });
    });
  });
  return true;
}

/// Whether the request waits for the login that `/v1/credentials` asks for; else `given` is the answer.
bool GateHandler::ask_credentials(Connection& connection, const std::shared_ptr<const LiveState>& live, const Asked& asked,
                                  GateAnswer& given) {
  const CredentialsWish& wish = *given.credentials;
  if (!wish.fresh) {
    if (SharedLogin login = tools_.broker.find(wish.target)) {
      given = credentials_answer(given, std::move(login), live->state.rules, asked.id);
      return false;
    }
  }
  Waiting* const later = hold(connection, live, asked, tools_.broker.callers());
  if (later == nullptr) {
    given = credentials_answer(given, Error{Reason::overloaded, "too many requests wait for a login"}, live->state.rules, asked.id);
    return false;
  }
  later->allowed.emplace(std::move(given));
  hand_over(connection, later->given, [&] {
    const std::shared_ptr<const CredentialsWish> wanted = later->allowed->credentials;
    const auto answer = [&connection, later](const Result<SharedLogin>& brought) {
      wake(connection, later->given, [&] { return credentials_answer(*later->allowed, brought, later->live->state.rules, later->id); });
    };
    tools_.broker.login(wanted->target, wanted->fresh, answer, wanted->caller);
  });
  return true;
}

HttpAnswer GateHandler::finish(const Connection& connection, const LiveState& live, const Asked& asked, GateAnswer& given) {
  if (given.decision && given.decision->token != nullptr) live.note_use(*given.decision->token, tools_.clock.now());
  if (given.decision) live.note_judgement(*given.decision);
  const SteadyPoint end = tools_.clock.steady_now();
  if (given.decision && tools_.decisions.enabled() && !log_decision(connection, live.state, asked, given, end))
    given = refuse_unlogged(given, connection.request, live.state.rules, asked.id);
  tools_.metrics.count(given, end - asked.begin);
  if (live.state.shadow != nullptr) shadow_.note(connection.request, given, live.state, asked.tags, asked.id, tools_.clock.now());
  log_.note(connection.request, given, live.state.rules, asked.id, end);
  return std::move(given.http);
}

std::string GateHandler::next_id() {
  constexpr std::string_view hex_digits = "0123456789abcdef";
  std::uint64_t number = ids_.fetch_add(1, std::memory_order_relaxed) + 1;
  std::array<char, 16> digits{};
  std::size_t at = digits.size();
  do {
    digits[--at] = hex_digits[number & 15U];
    number >>= 4U;
  } while (number != 0);
  while (digits.size() - at < 8) digits[--at] = '0';
  std::string id;
  id.reserve(id_prefix_.size() + digits.size());
  return id.append(id_prefix_).append(digits.data() + at, digits.size() - at);
}

}  // namespace portcullis
