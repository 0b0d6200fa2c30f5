// What became of the tokens that one source judged, by algorithm and by reason.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/reason.h"
#include "keystore/algorithm.h"

namespace portcullis {

/// Whether a refusal came out of looking at the token itself, after the cache was asked.
constexpr bool blames_token(Reason reason) noexcept { return reason >= Reason::token_malformed && reason <= Reason::token_revoked; }

/// Cached tokens are not counted again. One source's, shared by its threads: a verification takes far longer than a turn at a counter. Safe
/// from many threads.
class TokenCounts {
 public:
  void count_good(Algorithm algorithm) noexcept { add(good_[static_cast<std::size_t>(algorithm)]); }
  /// `reason` blames the token.
  void count_refused(Reason reason) noexcept { add(refused_[reason_index(reason)]); }
  [[nodiscard]] std::uint64_t good(Algorithm algorithm) const noexcept { return value(good_[static_cast<std::size_t>(algorithm)]); }
  /// `reason` blames the token.
  [[nodiscard]] std::uint64_t refused(Reason reason) const noexcept { return value(refused_[reason_index(reason)]); }

 private:
  using Cell = std::atomic<std::uint64_t>;
  static constexpr std::size_t kFirstReason = static_cast<std::size_t>(Reason::token_malformed);
  static constexpr std::size_t kReasons = static_cast<std::size_t>(Reason::token_revoked) + 1 - kFirstReason;
  static std::size_t reason_index(Reason reason) noexcept { return static_cast<std::size_t>(reason) - kFirstReason; }
  static void add(Cell& cell) noexcept { cell.fetch_add(1, std::memory_order_relaxed); }
  static std::uint64_t value(const Cell& cell) noexcept { return cell.load(std::memory_order_relaxed); }

  std::array<Cell, static_cast<std::size_t>(Algorithm::ed25519) + 1> good_{};
  std::array<Cell, kReasons> refused_{};
};

}  // namespace portcullis
