#include "keystore/der.h"

#include <cstddef>

namespace portcullis {
namespace {

constexpr std::size_t kMaxLengthBytes = 4;

struct Header {
  std::size_t size;    ///< bytes of tag and length
  std::size_t length;  ///< bytes of the contents
};

std::optional<Header> read_header(std::string_view bytes) noexcept {
  if (bytes.size() < 2) return std::nullopt;
  const auto first = static_cast<unsigned char>(bytes[1]);
  if (first < 0x80) return Header{2, first};
  const std::size_t count = first & 0x7fU;
  if (count == 0 || count > kMaxLengthBytes || bytes.size() < 2 + count) return std::nullopt;
  std::size_t length = 0;
  for (std::size_t i = 0; i < count; ++i) length = length << 8U | static_cast<unsigned char>(bytes[2 + i]);
  const bool minimal = length >= 0x80 && bytes[2] != '\0';
  if (!minimal) return std::nullopt;
  return Header{2 + count, length};
}

bool is_high(char byte) noexcept { return (static_cast<unsigned char>(byte) & 0x80U) != 0; }

}  // namespace

bool DerReader::next_is(DerTag tag) const noexcept {
  return !rest_.empty() && static_cast<unsigned char>(rest_.front()) == static_cast<unsigned char>(tag);
}

std::optional<std::string_view> DerReader::take(DerTag tag) noexcept {
  if (!next_is(tag)) return std::nullopt;
  const auto header = read_header(rest_);
  if (!header || rest_.size() - header->size < header->length) return std::nullopt;
  const std::string_view contents = rest_.substr(header->size, header->length);
  rest_.remove_prefix(header->size + header->length);
  return contents;
}

std::optional<std::string_view> DerReader::take_unsigned() noexcept {
  const DerReader before = *this;
  auto contents = take(DerTag::integer);
  if (!contents) return std::nullopt;
  const bool minimal = contents->size() == 1 || (contents->size() > 1 && (contents->front() != '\0' || is_high((*contents)[1])));
  if (!minimal || is_high(contents->front())) {
    *this = before;
    return std::nullopt;
  }
  if (contents->front() == '\0') contents->remove_prefix(1);
  return contents;
}

}  // namespace portcullis
