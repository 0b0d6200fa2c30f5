// One decision as a request thread hands it over: plain numbers and borrowed texts. Making a line of it is the writer's work.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/reason.h"
#include "plugin/http/request.h"
#include "policy/route.h"

namespace portcullis {

/// Who the question came from, as far as it was proved.
enum class Proof : std::uint8_t {
  none,       ///< no credential, or a bad one
  anonymous,  ///< no credential, and the policy was asked what everybody may do
  token,      ///< a verified token
};

/// What the token's `access` claim said, apart from any policy.
enum class ScopeFact : std::uint8_t { not_asked, granted, absent, insufficient, source_denied };

/// The texts of a record.
enum class RecordText : std::uint8_t {
  id,
  peer,
  client,
  method,
  path,  ///< of the original request, without its query; only where no table route says it
  repository,
  reference,
  mount_source,
  tags,           ///< a list: what `?tag=` names
  existing_tags,  ///< a list: what the registry was asked for, and has
  missing_tags,   ///< a list: what it was asked for, and has not
  subject,
  username,
  groups,  ///< a list
  issuer,
  kid,
  rule,
  claims,         ///< JSON text of the claims that conditions read
  absent_claims,  ///< a list: those that the token does not have
  user_agent,
  forwarded_for,
  config_digest,
  policy_digest,
};
inline constexpr std::size_t kRecordTexts = 23;

/// Bytes of one untrusted text; what is longer is cut, and the record says so.
inline constexpr std::size_t kRecordTextBytes = 256;
/// Bytes of one list, its lengths included, and of the claims.
inline constexpr std::size_t kRecordListBytes = 8UL * 1024;

/// What has a fixed size.
struct RecordFacts {
  TimePoint time;
  std::chrono::nanoseconds took{};
  std::string_view route;            ///< a fixed text; empty where there is no route
  std::uint64_t key_generation = 0;  ///< 0: no token was verified
  std::uint32_t weight = 1;          ///< how many decisions like this the record stands for
  std::uint32_t cut = 0;             ///< one bit for each text that was cut
  Endpoint endpoint = Endpoint::unknown;
  Reason reason = Reason::internal_error;
  Action action = Action::none;
  RouteKind kind = RouteKind::base;
  Proof proof = Proof::none;
  ScopeFact scope = ScopeFact::not_asked;
  bool tls = false;
  bool has_mount_source = false;  ///< `mount_source` says something, even where it is empty

  [[nodiscard]] bool allowed() const noexcept { return reason == Reason::allowed; }
};

/// Texts are borrowed: from the request before it is packed, from the packed bytes afterwards.
struct DecisionRecord : RecordFacts {
  std::array<std::string_view, kRecordTexts> texts{};

  [[nodiscard]] std::string_view text(RecordText which) const noexcept { return texts[static_cast<std::size_t>(which)]; }
  /// Borrows `value`, cut to `kRecordTextBytes`, never inside a UTF-8 sequence.
  void set(RecordText which, std::string_view value) noexcept;
  /// Borrows a list or the claims; what is longer than `kRecordListBytes` is left out, and counts as cut.
  void set_whole(RecordText which, std::string_view value) noexcept;
  [[nodiscard]] bool is_cut(RecordText which) const noexcept { return (cut >> static_cast<unsigned>(which) & 1U) != 0; }
};

/// The elements of a list as one text for `DecisionRecord::set_whole`, in `scratch`. An element of more than 65,535 bytes makes it too long
/// for that.
std::string_view pack_list(std::span<const std::string> elements, std::string& scratch);
/// The elements again, as views into `packed`; stops at what `pack_list` did not make.
std::vector<std::string_view> unpack_list(std::string_view packed);

}  // namespace portcullis
