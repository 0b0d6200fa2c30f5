#include "aws/canonical_request.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "base/codec/hex.h"
#include "base/digest.h"

namespace portcullis {
namespace {

constexpr std::array<std::string_view, 6> kNeverSigned = {"authorization", "user-agent",        "x-amzn-trace-id",
                                                          "expect",        "transfer-encoding", "connection"};

constexpr std::string_view kDigits = "0123456789ABCDEF";

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

bool is_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// Trimmed, with every run of blanks (folded lines among them) squeezed to one.
std::string squeeze(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (!is_blank(c)) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

/// Decodes `%XX`, and leaves alone what is none: the query is encoded anew afterwards.
std::string uri_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      const auto byte = hex_decode(text.substr(i + 1, 2));
      if (byte.ok() && byte->size() == 1) {
        out += *byte;
        i += 2;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

std::string normalized_path(std::string_view path) {
  std::vector<std::string_view> kept;
  bool ends_with_slash = path.ends_with('/');
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    const bool last = path.empty() && slash == std::string_view::npos;
    if (segment == "." || segment == "..") {
      if (segment == ".." && !kept.empty()) kept.pop_back();
      ends_with_slash = ends_with_slash || last;
    } else if (!segment.empty()) {
      kept.push_back(segment);
    }
  }
  std::string out;
  for (const std::string_view segment : kept) {
    out += '/';
    out += segment;
  }
  if (out.empty() || ends_with_slash) out += '/';
  return out;
}

using Parameters = std::vector<std::pair<std::string, std::string>>;

/// Name and value encoded anew, sorted by encoded name, then value.
Parameters sorted_parameters(std::string_view query) {
  Parameters all;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view piece = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (piece.empty()) continue;
    const std::size_t equals = std::min(piece.find('='), piece.size());
    const std::string_view value = equals < piece.size() ? piece.substr(equals + 1) : std::string_view{};
    all.emplace_back(uri_encode(uri_decode(piece.substr(0, equals)), true), uri_encode(uri_decode(value), true));
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::string join(const Parameters& parameters) {
  std::string out;
  for (const auto& [name, value] : parameters) {
    if (!out.empty()) out += '&';
    out += name;
    out += '=';
    out += value;
  }
  return out;
}

/// Lower-case name to value; duplicates joined by a comma in the order of appearance.
std::map<std::string, std::string> signable_headers(const HeaderList& headers) {
  std::map<std::string, std::string> all;
  for (const auto& [name, value] : headers) {
    std::string key = lower_case(name);
    if (std::find(kNeverSigned.begin(), kNeverSigned.end(), key) != kNeverSigned.end()) continue;
    const auto [place, is_new] = all.try_emplace(std::move(key), squeeze(value));
    if (!is_new) place->second += "," + squeeze(value);
  }
  if (const auto host = all.find("host"); host != all.end()) {
    for (const std::string_view port : {":443", ":80"}) {
      if (host->second.ends_with(port)) host->second.resize(host->second.size() - port.size());
    }
  }
  return all;
}

std::string names_of(const std::map<std::string, std::string>& headers) {
  std::string out;
  for (const auto& [name, value] : headers) {
    if (!out.empty()) out += ';';
    out += name;
  }
  return out;
}

void add_parameter(std::string& query, std::string_view name, std::string_view value) {
  if (!query.empty()) query += '&';
  query += name;
  query += '=';
  query += uri_encode(value, true);
}

void add_header_terms(UnsignedRequest& request, const AwsCredentials& credentials, const SigningContext& context,
                      const AlgorithmTerms& terms, const std::string& payload_hash) {
  if (!credentials.session_token.empty() && !context.omit_session_token) {
    request.headers.emplace_back("X-Amz-Security-Token", std::string(credentials.session_token.reveal()));
  }
  request.headers.emplace_back("X-Amz-Date", amz_date(context.time));
  if (terms.region_set) request.headers.emplace_back("X-Amz-Region-Set", context.region);
  if (context.sign_body) request.headers.emplace_back("x-amz-content-sha256", payload_hash);
}

void add_query_terms(UnsignedRequest& request, const AwsCredentials& credentials, const SigningContext& context,
                     const AlgorithmTerms& terms, const std::string& signed_headers) {
  add_parameter(request.query, "X-Amz-Algorithm", terms.name);
  add_parameter(request.query, "X-Amz-Credential", credentials.access_key_id + "/" + terms.scope);
  add_parameter(request.query, "X-Amz-Date", amz_date(context.time));
  add_parameter(request.query, "X-Amz-SignedHeaders", signed_headers);
  add_parameter(request.query, "X-Amz-Expires", std::to_string(context.expires.count()));
  if (!credentials.session_token.empty() && !context.omit_session_token) {
    add_parameter(request.query, "X-Amz-Security-Token", credentials.session_token.reveal());
  }
  if (terms.region_set) add_parameter(request.query, "X-Amz-Region-Set", context.region);
}

}  // namespace

CanonicalRequest canonical_request(const UnsignedRequest& request, const AwsCredentials& credentials, const SigningContext& context,
                                   const AlgorithmTerms& terms) {
  CanonicalRequest out{.text = {}, .signed_headers = {}, .request = request};
  const std::string payload_hash = to_hex(sha256(request.body));
  if (context.form == SigningForm::header) add_header_terms(out.request, credentials, context, terms, payload_hash);
  const auto headers = signable_headers(out.request.headers);
  out.signed_headers = names_of(headers);
  if (context.form == SigningForm::query) add_query_terms(out.request, credentials, context, terms, out.signed_headers);

  const std::string path = context.normalize_path ? normalized_path(request.path) : request.path;
  out.text =
      request.method + "\n" + uri_encode(path.empty() ? "/" : path, false) + "\n" + join(sorted_parameters(out.request.query)) + "\n";
  for (const auto& [name, value] : headers) {
    out.text += name;
    out.text += ':';
    out.text += value;
    out.text += '\n';
  }
  out.text += "\n" + out.signed_headers + "\n" + payload_hash;
  return out;
}

std::string string_to_sign(const CanonicalRequest& canonical, const AlgorithmTerms& terms, TimePoint time) {
  return std::string(terms.name) + "\n" + amz_date(time) + "\n" + terms.scope + "\n" + to_hex(sha256(canonical.text));
}

UnsignedRequest with_signature(const CanonicalRequest& canonical, const AlgorithmTerms& terms, const SigningContext& context,
                               const AwsCredentials& credentials, const std::string& signature) {
  UnsignedRequest request = canonical.request;
  if (context.form == SigningForm::header) {
    request.headers.emplace_back("Authorization", std::string(terms.name) + " Credential=" + credentials.access_key_id + "/" + terms.scope +
                                                      ", SignedHeaders=" + canonical.signed_headers + ", Signature=" + signature);
  } else {
    request.query += "&X-Amz-Signature=" + signature;
  }
  return request;
}

std::string amz_date(TimePoint time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  char buffer[48];
  std::snprintf(buffer, sizeof buffer, "%04d%02u%02uT%02d%02d%02dZ", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return buffer;
}

std::string uri_encode(std::string_view text, bool encode_slash) {
  std::string out;
  for (const char c : text) {
    const bool unreserved =
        (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~';
    if (unreserved || (c == '/' && !encode_slash)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 15U];
    }
  }
  return out;
}

}  // namespace portcullis
