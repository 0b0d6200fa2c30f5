#include "tests/fake_aws/mint.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <ctime>

#include <openssl/evp.h>

#include "aws/canonical_request.h"
#include "base/codec/hex.h"
#include "base/digest.h"
#include "base/io/entropy.h"

namespace portcullis::fake_aws {
namespace {

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kAlphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  SystemEntropy entropy;
  entropy.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
  return bytes;
}

std::string letters_of(std::string_view bytes, std::string_view alphabet) {
  std::string out;
  for (const char byte : bytes) out += alphabet[static_cast<unsigned char>(byte) % alphabet.size()];
  return out;
}

std::tm broken_down(TimePoint time) {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return parts;
}

std::string formatted(TimePoint time, const char* format) {
  const std::tm parts = broken_down(time);
  std::array<char, 64> buffer{};
  return {buffer.data(), std::strftime(buffer.data(), buffer.size(), format, &parts)};
}

}  // namespace

std::string random_id(std::string_view prefix, std::size_t count) { return std::string(prefix) + letters_of(random_bytes(count), kBase32); }

std::string random_text(std::size_t count) { return letters_of(random_bytes(count), kAlphanumeric); }

std::string random_uuid() {
  std::string bytes = random_bytes(16);
  bytes[6] = static_cast<char>((static_cast<unsigned char>(bytes[6]) & 0x0fU) | 0x40U);
  bytes[8] = static_cast<char>((static_cast<unsigned char>(bytes[8]) & 0x3fU) | 0x80U);
  std::string text = hex_encode(bytes);
  for (const std::size_t place : {20U, 16U, 12U, 8U}) text.insert(place, "-");
  return text;
}

std::string unique_id(std::string_view prefix, std::string_view arn) {
  const Sha256 digest = sha256(arn);
  return std::string(prefix) + letters_of({reinterpret_cast<const char*>(digest.bytes.data()), 17}, kBase32);
}

std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

std::string iso_time(TimePoint time) { return formatted(time, "%Y-%m-%dT%H:%M:%SZ"); }

std::string epoch_time(TimePoint time) {
  const auto count = time.time_since_epoch().count();
  std::array<char, 48> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%lld.%03lld", static_cast<long long>(count / 1000), static_cast<long long>(count % 1000));
  return buffer.data();
}

std::string http_date(TimePoint time) { return formatted(time, "%a, %d %b %Y %H:%M:%S GMT"); }

bool read_amz_date(std::string_view text, TimePoint& time) {
  if (text.size() != 16) return false;
  const auto number = [&](std::size_t from, std::size_t count) {
    int value = -1;
    std::from_chars(text.data() + from, text.data() + from + count, value);
    return value;
  };
  const std::chrono::year_month_day day(std::chrono::year(number(0, 4)), std::chrono::month(static_cast<unsigned>(number(4, 2))),
                                        std::chrono::day(static_cast<unsigned>(number(6, 2))));
  if (!day.ok()) return false;
  time = std::chrono::sys_days(day) + std::chrono::hours(number(9, 2)) + std::chrono::minutes(number(11, 2)) +
         std::chrono::seconds(number(13, 2));
  return amz_date(time) == text;  // one text for each time
}

}  // namespace portcullis::fake_aws
