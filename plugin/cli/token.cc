// `portcullis token mint`: tokens for development, by every algorithm that the gate verifies.
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/codec/percent.h"
#include "config/duration.h"
#include "plugin/cli/command.h"
#include "plugin/cli/mint.h"
#include "plugin/cli/paint.h"
#include "plugin/cli/secret_input.h"
#include "plugin/cli/time_text.h"

namespace portcullis {
namespace {

constexpr std::size_t kPrivateKeyBytes = 64UL * 1024;
constexpr unsigned kTokenMode = 0600;

struct MintOptions {
  std::string key;
  std::optional<std::string> id;
  bool no_id = false;
  std::string algorithm;
  std::optional<std::string> subject;
  std::optional<std::string> issuer;
  std::vector<std::string> audiences;
  std::vector<std::string> access;
  std::vector<std::string> claims;
  std::string expires = "15m";
  std::string not_before;
  std::string at;
  std::string out;
};

Result<PrivateKey> read_key(const MintOptions& options, const CommandContext& context) {
  Result<std::string> text = read_secret_input(context, "--key", options.key, kPrivateKeyBytes);
  if (!text.ok()) return text.error();
  const Secret pem(std::move(text).value());
  Result<PrivateKey> key = PrivateKey::read(pem.reveal());
  if (!key.ok()) return Error{key.error().reason, options.key + ": " + key.error().detail};
  return key;
}

/// `kid` and `alg`: as asked for, else what `key generate` would have called the key.
Result<void> choose_header(const MintOptions& options, const PrivateKey& key, TokenOrder& order) {
  const Result<Key> half = key.public_key({}, order.issued_at);
  if (!half.ok()) return half.error();
  order.algorithm = default_algorithm(half->type());
  if (!options.algorithm.empty()) {
    const std::optional<Algorithm> named = algorithm_from_name(options.algorithm);
    if (!named) return Error{Reason::bad_request, "unknown algorithm " + escape_for_log(options.algorithm)};
    order.algorithm = *named;
  }
  if (!options.no_id) order.key_id = options.id.value_or(half->thumbprint());
  return {};
}

Result<void> choose_times(const MintOptions& options, const Clock& clock, TokenOrder& order) {
  const Result<TimePoint> at = options.at.empty() ? Result<TimePoint>(clock.now()) : parse_time(options.at);
  if (!at.ok()) return Error{at.error().reason, "--at: " + at.error().detail};
  order.issued_at = *at;
  if (!options.not_before.empty()) {
    const Result<TimePoint> start = parse_time(options.not_before);
    if (!start.ok()) return Error{start.error().reason, "--not-before: " + start.error().detail};
    order.not_before = *start;
  }
  if (options.expires == "never") return {};
  const Result<Duration> life = parse_duration(options.expires);
  if (!life.ok()) return Error{life.error().reason, "--expires: " + life.error().detail};
  order.expires = *at + *life;
  return {};
}

Result<void> choose_claims(const MintOptions& options, TokenOrder& order) {
  order.subject = options.subject;
  order.issuer = options.issuer;
  order.audiences = options.audiences;
  for (const std::string& text : options.access) {
    Result<AccessEntry> entry = parse_access(text);
    if (!entry.ok()) return entry.error();
    order.access.push_back(std::move(entry).value());
  }
  for (const std::string& text : options.claims) {
    Result<ExtraClaim> claim = parse_claim(text);
    if (!claim.ok()) return claim.error();
    for (const ExtraClaim& other : order.claims) {
      if (other.name == claim->name) return Error{Reason::bad_request, "--claim " + escape_for_log(claim->name) + " is given twice"};
    }
    order.claims.push_back(std::move(claim).value());
  }
  return {};
}

Result<std::string> minted(const MintOptions& options, const CommandContext& context) {
  TokenOrder order;
  const Result<void> times = choose_times(options, context.clock, order);
  if (!times.ok()) return times.error();
  const Result<void> claims = choose_claims(options, order);
  if (!claims.ok()) return claims.error();
  const Result<PrivateKey> key = read_key(options, context);
  if (!key.ok()) return key.error();
  const Result<void> header = choose_header(options, *key, order);
  if (!header.ok()) return header.error();
  return mint_token(*key, order);
}

void mint(const MintOptions& options, CommandContext& context) {
  const Result<std::string> token = minted(options, context);
  if (!token.ok()) return complain(context, token.error());
  if (options.out.empty()) return context.out(*token + "\n");
  const Result<void> written = context.files.write(options.out, *token + "\n", kTokenMode);
  if (!written.ok()) complain(context, written.error());
}

void add_mint_options(CLI::App& command, MintOptions& options) {
  command.add_option("--key", options.key, "Private key as PEM, as key generate --private writes it; - is standard input")->required();
  CLI::Option* id = command.add_option("--id", options.id, "Key id (kid); default: the key's RFC 7638 thumbprint");
  command.add_flag("--no-id", options.no_id, "No kid at all")->excludes(id);
  command.add_option("--alg", options.algorithm, "Algorithm; default: RS256, ES256, ES384, ES512 or EdDSA, as the key wants");
  command.add_option("--subject", options.subject, "sub: whom the token speaks for");
  command.add_option("--issuer", options.issuer, "iss");
  command.add_option("--audience", options.audiences, "aud; may be given several times")->allow_extra_args(false);
  command.add_option("--access", options.access, "TYPE:NAME:ACTIONS of the access claim; may be given several times")
      ->allow_extra_args(false);
  command.add_option("--claim", options.claims, "NAME=JSON: any other claim; may be given several times")->allow_extra_args(false);
  command.add_option("--expires", options.expires, "Life from --at on, such as 15m, or never")->capture_default_str();
  command.add_option("--not-before", options.not_before, "nbf (RFC 3339, or seconds since 1970)");
  command.add_option("--at", options.at, "Time of issue (RFC 3339, or seconds since 1970); default: now");
  command.add_option("--out", options.out, "Write the token here, mode 0600, instead of to standard output");
}

}  // namespace

void add_token(CLI::App& app, CommandContext& context) {
  CLI::App* command = app.add_subcommand("token", "Make tokens for development");
  command->require_subcommand(1);
  CLI::App* minting = command->add_subcommand("mint", "Sign a token");
  const auto options = std::make_shared<MintOptions>();
  add_mint_options(*minting, *options);
  minting->footer(
      "Examples:\n"
      "  portcullis token mint --key signing.pem --id 2026-11 --subject alice --access repository:team/app:pull,push\n"
      "  portcullis token mint --key rsa.pem --alg PS256 --audience registry --issuer https://auth.example.com --expires 1h\n"
      "  portcullis token mint --key signing.pem --access registry:catalog:'*' --claim 'groups=[\"dev\"]' --out token.jwt");
  minting->callback([options, &context] { mint(*options, context); });
}

}  // namespace portcullis
