#include "plugin/http/response_cache.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <optional>

namespace portcullis {
namespace {

/// Longer than any header name of ours.
constexpr std::size_t kNameBytes = 64;
/// Identities that take more are rare, and not worth the memory.
constexpr std::size_t kValueBytes = 512;
constexpr std::string_view kId = "X-Portcullis-Id";

std::optional<std::string_view> id_of(const HttpAnswer& answer) {
  for (const auto& [name, value] : answer.headers)
    if (name == kId) return value;
  return std::nullopt;
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

/// Puts `value` in place of the only header called `name`, whose value is `before`.
bool replace_header(MHD_Response* response, const char* name, std::string& before, std::string_view value) {
  if (before == value) return true;
  if (MHD_del_response_header(response, name, before.c_str()) != MHD_YES) return false;
  before = value;
  return MHD_add_response_header(response, name, before.c_str()) == MHD_YES;
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
  const std::optional<std::string_view> id = id_of(answer);
  if (!id) return nullptr;
  Entry& entry = entries_[slot_of(answer, entries_.size())];
  const bool known = entry.response != nullptr && same_headers(entry.headers, answer);
  if (known ? renew(entry, *id, date) : build(entry, answer, *id, date)) return entry.response.get();
  entry = {};
  return nullptr;
}

bool ResponseCache::build(Entry& entry, const HttpAnswer& answer, std::string_view id, const char* date) {
  entry = {};
  for (const auto& header : answer.headers) {
    if (header.second.size() > kValueBytes) return false;
    if (header.first != kId) entry.headers.push_back(header);
  }
  if (entry.headers.size() + 1 != answer.headers.size()) return false;
  // libmicrohttpd takes a mutable pointer and does not write to it.
  entry.response.reset(MHD_create_response_from_buffer(0, const_cast<char*>(""), MHD_RESPMEM_PERSISTENT));
  entry.id = id;
  entry.date = date;
  return entry.response != nullptr && add_header(entry.response.get(), "Date", date) &&
         std::all_of(entry.headers.begin(), entry.headers.end(),
                     [&](const auto& header) { return add_header(entry.response.get(), header.first, header.second.c_str()); }) &&
         add_header(entry.response.get(), kId, entry.id.c_str());
}

bool ResponseCache::renew(Entry& entry, std::string_view id, const char* date) {
  return replace_header(entry.response.get(), "Date", entry.date, date) && replace_header(entry.response.get(), kId.data(), entry.id, id);
}

}  // namespace portcullis
