#include "plugin/http/response_cache.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

namespace portcullis {
namespace {

/// Longer than any header name of ours.
constexpr std::size_t kNameBytes = 64;
/// Identities that take more are rare, and not worth the memory.
constexpr std::size_t kValueBytes = 512;
constexpr std::string_view kId = "X-Portcullis-Id";
constexpr std::string_view kDate = "Date";

/// The answer's one id, or null.
const std::string* id_of(const HttpAnswer& answer) noexcept {
  const std::string* found = nullptr;
  for (const auto& [name, value] : answer.headers) {
    if (name == kId && std::exchange(found, &value) != nullptr) return nullptr;
  }
  return found;
}

/// Whether a value may be written over another: libmicrohttpd, which would refuse it, is not asked again.
bool is_visible(std::string_view value) noexcept {
  return std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

/// By the last headers but the id: there the identity stands.
std::size_t slot_of(const HttpAnswer& answer, std::size_t slots) {
  constexpr std::size_t looked_at = 3;
  std::size_t hash = 0;
  for (std::size_t i = answer.headers.size() - std::min(answer.headers.size(), looked_at); i < answer.headers.size(); ++i)
    if (answer.headers[i].first != kId) hash = hash * 31 + std::hash<std::string_view>{}(answer.headers[i].second);
  return hash % slots;
}

/// Whether `answer` has exactly these headers beside its one id.
bool same_headers(const std::vector<std::pair<std::string_view, std::string>>& kept, const HttpAnswer& answer) {
  if (kept.size() + 1 != answer.headers.size()) return false;
  auto next = kept.begin();
  for (const auto& header : answer.headers) {
    if (header.first == kId) continue;
    if (next == kept.end() || *next != header) return false;
    ++next;
  }
  return next == kept.end();
}

}  // namespace

bool add_header(MHD_Response* response, std::string_view name, const char* value) noexcept {
  std::array<char, kNameBytes> text{};
  if (name.size() >= text.size()) return false;
  std::memcpy(text.data(), name.data(), name.size());
  return MHD_add_response_header(response, text.data(), value) == MHD_YES;
}

MHD_Response* ResponseCache::prepare(const HttpAnswer& answer, const char* date) {
  if (answer.status != 200 || !answer.body.empty()) return nullptr;
  const std::string* const id = id_of(answer);
  if (id == nullptr) return nullptr;
  Entry& entry = entries_[slot_of(answer, entries_.size())];
  if (entry.response != nullptr && same_headers(entry.headers, answer) && renew(entry, *id, date)) return entry.response.get();
  if (build(entry, answer, *id, date)) return entry.response.get();
  entry = {};
  return nullptr;
}

bool ResponseCache::build(Entry& entry, const HttpAnswer& answer, const std::string& id, const char* date) {
  entry = {};
  for (const auto& header : answer.headers) {
    if (header.second.size() > kValueBytes) return false;
    if (header.first != kId) entry.headers.push_back(header);
  }
  // libmicrohttpd takes a mutable pointer and does not write to it.
  entry.response.reset(MHD_create_response_from_buffer(0, const_cast<char*>(""), MHD_RESPMEM_PERSISTENT));
  const bool whole =
      entry.response != nullptr && add_header(entry.response.get(), kDate, date) &&
      std::all_of(entry.headers.begin(), entry.headers.end(),
                  [&](const auto& header) { return add_header(entry.response.get(), header.first, header.second.c_str()); }) &&
      add_header(entry.response.get(), kId, id.c_str());
  if (!whole) return false;
  entry.id = place_of(entry.response.get(), kId.data());
  entry.date = place_of(entry.response.get(), kDate.data());
  return true;
}

bool ResponseCache::renew(const Entry& entry, std::string_view id, std::string_view date) noexcept {
  if (entry.id.size != id.size() || entry.date.size != date.size() || !is_visible(id)) return false;
  std::memcpy(entry.id.bytes, id.data(), id.size());
  std::memcpy(entry.date.bytes, date.data(), date.size());
  return true;
}

ResponseCache::Place ResponseCache::place_of(MHD_Response* response, const char* name) noexcept {
  const char* const value = MHD_get_response_header(response, name);
  if (value == nullptr) return {};  // no value has no bytes: nothing is written there
  return {const_cast<char*>(value), std::strlen(value)};
}

}  // namespace portcullis
