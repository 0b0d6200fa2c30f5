#include "plugin/gate_handler.h"

#include <array>
#include <string_view>
#include <utility>

#include "base/codec/hex.h"

namespace portcullis {
namespace {

std::string random_prefix(Entropy& entropy) {
  std::array<std::uint8_t, 8> bytes{};
  entropy.fill(bytes);
  return hex_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()}) + "-";
}

/// A reload may trust other users: the connection is judged again by each configuration.
void judge_peer(Connection& connection, const LiveState& live) noexcept {
  if (connection.judged_generation == live.state.config_generation) return;
  connection.judged_generation = live.state.config_generation;
  connection.peer.user_trusted =
      connection.peer.kind == Peer::Kind::unix_socket && live.trust.trusts(connection.credentials, connection.socket_group);
}

}  // namespace

GateHandler::GateHandler(const LiveSnapshot& live, TokenCache& cache, GateMetrics& metrics, Log& log, const Clock& clock, Entropy& entropy)
    : live_(live), clock_(clock), id_prefix_(random_prefix(entropy)), cache_(cache), metrics_(metrics), log_(log) {}

bool GateHandler::reads_body(std::string_view method, std::string_view raw_uri) const noexcept {
  const Endpoint endpoint = endpoint_of(method, raw_uri);
  return endpoint == Endpoint::verify || endpoint == Endpoint::introspect;
}

HttpAnswer GateHandler::handle(Connection& connection) {
  const SteadyPoint begin = clock_.steady_now();
  const TimePoint now = clock_.now();
  const LiveState& live = *live_.read();
  judge_peer(connection, live);
  const std::string id = next_id();
  GateAnswer given = answer(connection.request, live.state, &cache_, id, now);
  if (given.decision && given.decision->token != nullptr && live.state.source.keys != nullptr)
    live.key_uses.note(*live.state.source.keys, *given.decision->token, now);
  const SteadyPoint end = clock_.steady_now();
  metrics_.count(given, end - begin);
  log_.note(connection.request, given, live.state.rules, id, end);
  return std::move(given.http);
}

std::string GateHandler::next_id() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::uint64_t number = ids_.fetch_add(1, std::memory_order_relaxed) + 1;
  std::array<char, 16> digits{};
  std::size_t at = digits.size();
  do {
    digits[--at] = kDigits[number & 15U];
    number >>= 4U;
  } while (number != 0);
  while (digits.size() - at < 8) digits[--at] = '0';
  std::string id;
  id.reserve(id_prefix_.size() + digits.size());
  return id.append(id_prefix_).append(digits.data() + at, digits.size() - at);
}

}  // namespace portcullis
