#include "plugin/cli/question_hints.h"

#include <algorithm>

namespace portcullis {
namespace {

bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }

/// Whether `text` begins with `word` in any letter case; `word` is in small letters.
bool begins_with(std::string_view text, std::string_view word) noexcept {
  return text.size() >= word.size() && std::equal(word.begin(), word.end(), text.begin(), [](char expected, char c) {
           return expected == (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
         });
}

}  // namespace

std::string_view token_hint(std::string_view token, Reason reason) noexcept {
  if (reason == Reason::key_unknown) return "`portcullis keys CONFIG` lists the key ids that are there";
  if (reason != Reason::token_malformed) return {};
  if (token.starts_with("\xef\xbb\xbf")) return "the token's file begins with a byte order mark: save it without one";
  if (begins_with(token, "authorization:") || begins_with(token, "bearer "))
    return "the token's file holds a header: leave the token alone in it, without `Authorization:` and `Bearer`";
  if (token.starts_with('"') || token.starts_with('\''))
    return "the token's file has quotes around it: take them off (`jq -r` writes none)";
  if (token.starts_with('{'))
    return "the token's file is JSON, as a token endpoint answers: take the token out of it, as with `jq -r .token`";
  if (token.starts_with("-----BEGIN")) return "the token's file is a key or a certificate in PEM, and no token";
  if (token.find_first_of(" \t\r\n") != std::string_view::npos)
    return "the token's file has blanks or line breaks in or around the token: take them out, as with `tr -d '[:space:]'`";
  return {};
}

std::string_view request_hint(std::string_view method, std::string_view uri, Reason reason) noexcept {
  if (reason == Reason::path_not_canonical && !uri.starts_with('/'))
    return "--uri is the path and the query alone, from the first slash on, as in /v2/team/app/manifests/v1";
  if (reason == Reason::method_not_allowed && std::any_of(method.begin(), method.end(), is_lower))
    return "methods are compared to the letter, and those of registries are in capitals: --method PUT";
  return {};
}

}  // namespace portcullis
