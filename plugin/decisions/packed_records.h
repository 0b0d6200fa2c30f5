// Records in one piece of memory, one behind the other. What many of them say alike stands there once: the same tokens, clients and routes
// come again and again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "plugin/decisions/record.h"

namespace portcullis {

/// What records share, each part by itself.
enum class RecordPart : std::uint8_t {
  question,  ///< endpoint, outcome, rule, and what was asked for
  identity,  ///< who asked, as far as a token proves it
  origin,    ///< where it came from, and the digests of configuration and policy
};
inline constexpr std::size_t kRecordParts = 3;

/// One record among others: what it alone says, and where its parts are.
struct PackedRecord {
  TimePoint time;
  std::chrono::nanoseconds took{};
  std::uint32_t weight = 1;
  std::uint32_t cut = 0;
  std::array<std::uint32_t, kRecordParts> parts{};  ///< two that are the same number are the same part
  std::string_view id;                              ///< borrowed
};

/// A value: it is moved by `swap` alone.
class PackedRecords {
 public:
  PackedRecords() = default;
  PackedRecords(PackedRecords&& other) noexcept { swap(other); }
  PackedRecords& operator=(PackedRecords&& other) noexcept;
  PackedRecords(const PackedRecords&) = delete;
  PackedRecords& operator=(const PackedRecords&) = delete;
  ~PackedRecords() = default;

  /// Adds `record`. False: there would be more than `bound` bytes then, or more than 4 GiB, and nothing is added; nor is it where memory
  /// runs out (`std::bad_alloc`).
  bool append(const DecisionRecord& record, std::size_t bound);
  /// How many are taken.
  [[nodiscard]] std::size_t bytes() const noexcept { return used_; }
  /// Forgets all records. Keeps the memory, unless it is more than a MiB.
  void clear() noexcept;
  void swap(PackedRecords& other) noexcept;

  /// The record at `position`, which is 0 or was left by the call before, and less than `bytes()`; it is moved behind the record.
  [[nodiscard]] PackedRecord read(std::size_t& position) const noexcept;
  /// Fills in what a part says. It borrows.
  void read_part(const PackedRecord& from, RecordPart part, DecisionRecord& into) const noexcept;
  /// All that was given to `append`. It borrows.
  [[nodiscard]] DecisionRecord whole(const PackedRecord& from) const noexcept;

 private:
  static constexpr std::size_t kRemembered = 64;

  void make_room(std::size_t bytes, std::size_t bound);
  [[nodiscard]] bool is_at(std::uint32_t position, const char* part, std::size_t size) const noexcept;

  std::string memory_;  ///< as long as it ever had to be; the first `used_` bytes count
  std::size_t used_ = 0;
  /// Where parts of each kind are, by a digest of their bytes: the newest of each digest. 0: nowhere, since no part is the first thing.
  std::array<std::array<std::uint32_t, kRemembered>, kRecordParts> remembered_{};
};

}  // namespace portcullis
