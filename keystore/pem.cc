// OpenSSL's PEM reader skips text, prompts for passwords on the terminal and takes any label; this one takes one block in one form (RFC
// 7468).
#include "keystore/pem.h"

#include <algorithm>
#include <utility>

#include "base/codec/base64url.h"
#include "keystore/certificate.h"
#include "keystore/key_info.h"
#include "keystore/key_text.h"
#include "keystore/prime_moduli.h"

namespace portcullis {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";
constexpr std::string_view kBlanks = " \t\r\n";

struct PemBlock {
  std::string_view label;
  std::string der;
};

Error malformed(std::string what) { return {Reason::key_malformed, std::move(what)}; }

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// The lines one behind the other, without the blanks at their ends. Blanks inside a line stay, and are no base64.
std::string joined_lines(std::string_view text) {
  std::string joined;
  joined.reserve(text.size());
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    const std::string_view line = text.substr(0, end + 1);
    joined += line.substr(0, line.find_last_not_of(kBlanks) + 1);
    text.remove_prefix(line.size());
  }
  return joined;
}

/// Whether any block of the text, wherever it stands, is labelled as a private key: that is to be said before any other fault.
bool labels_private_key(std::string_view text) {
  for (std::size_t at = text.find(kBegin); at != std::string_view::npos; at = text.find(kBegin, at + 1)) {
    const std::string_view line = text.substr(at, text.find_first_of("\r\n", at) - at);
    if (line.find("PRIVATE KEY") != std::string_view::npos) return true;
  }
  return false;
}

/// Splits `BEGIN label`, base64 lines and `END label`, where nothing but blanks may stand around them.
Result<PemBlock> read_block(std::string_view pem) {
  const std::string_view text = trimmed(pem);
  if (text.find(kBegin) == std::string_view::npos) return malformed("no valid PEM data found");
  if (!text.starts_with(kBegin)) return malformed("text before the PEM block");
  const std::size_t line_end = text.find('\n');
  std::string_view first = text.substr(0, line_end);
  first = trimmed(first);
  if (line_end == std::string_view::npos || first.size() < kBegin.size() + kDashes.size() || !first.ends_with(kDashes)) {
    return malformed("PEM block without a whole BEGIN line");
  }
  const std::string_view label = first.substr(kBegin.size(), first.size() - kBegin.size() - kDashes.size());
  const std::string_view rest = text.substr(line_end + 1);
  const std::size_t end = rest.find(kDashes);
  const std::string closing = std::string(kEnd) + std::string(label) + std::string(kDashes);
  if (end == std::string_view::npos || !rest.substr(end).starts_with(closing))
    return malformed("PEM block without an END line of its label");
  if (end != 0 && rest[end - 1] != '\n') return malformed("PEM block whose END is not at the beginning of a line");
  if (rest.size() != end + closing.size()) {
    const bool second = rest.find(kBegin, end) != std::string_view::npos;
    return malformed(second ? "more than one PEM block" : "text behind the PEM block");
  }
  Result<std::string> der = base64_decode(joined_lines(rest.substr(0, end)));
  if (!der) return malformed("PEM block is not base64: " + der.error().detail);
  return PemBlock{label, std::move(der).value()};
}

}  // namespace

Result<Key> pem_to_key(std::string id, std::string_view pem, TimePoint now) {
  if (pem.size() > kMaxPemBytes) return malformed("PEM text longer than 65536 bytes");
  if (pem.find('\0') != std::string_view::npos) return malformed("PEM text holds a NUL");
  if (labels_private_key(pem)) return private_key_found();
  Result<PemBlock> block = read_block(pem);
  if (!block) return std::move(block).error();
  if (block->label == "PUBLIC KEY") return read_key_info(std::move(id), block->der);
  if (block->label == "RSA PUBLIC KEY") return read_rsa_public_key(std::move(id), block->der);
  if (block->label == "CERTIFICATE") {
    const Result<CertifiedKeyInfo> info = certificate_key_info(block->der, now);
    if (!info) return info.error();
    Result<Key> key = read_key_info(std::move(id), info->der);
    if (!key) return key;
    return std::move(key).value().certified_until(info->not_after);
  }
  return malformed("PEM label is not PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE");
}

Result<Key> read_pem(std::string id, std::string_view pem, TimePoint now) {
  Result<Key> key = pem_to_key(std::move(id), pem, now);
  if (!key) return key;
  const Result<void> composite = check_not_prime(*key);
  if (!composite) return composite.error();
  return key;
}

}  // namespace portcullis
