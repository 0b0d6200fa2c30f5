// `portcullis key generate`: a key pair for development, so that nobody needs another tool to try the gate.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/codec/json_writer.h"
#include "base/codec/percent.h"
#include "plugin/cli/command.h"
#include "plugin/cli/keys_document.h"
#include "plugin/cli/offline.h"
#include "plugin/cli/paint.h"
#include "plugin/cli/private_key.h"

namespace portcullis {
namespace {

constexpr unsigned kPrivateMode = 0600;
constexpr unsigned kPublicMode = 0644;
constexpr std::size_t kLongestId = 256;

struct GenerateOptions {
  std::string algorithm = "EdDSA";
  std::string id;
  std::string private_file;
  std::string public_file;
  std::string keys_file;
  int bits = 2048;
  bool json = false;
};

struct NewKey {
  PrivateKey pair;
  Key half;
};

Result<NewKey> make(const GenerateOptions& options, TimePoint now) {
  const std::optional<Algorithm> algorithm = algorithm_from_name(options.algorithm);
  if (!algorithm)
    return Error{Reason::bad_request, "unknown algorithm " + escape_for_log(options.algorithm) + "; see portcullis key generate --help"};
  if (options.id.size() > kLongestId) return Error{Reason::bad_request, "a key id has at most 256 bytes"};
  if (std::any_of(options.id.begin(), options.id.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
    return Error{Reason::bad_request,
                 "--id " + escape_for_log(options.id) + ": a key id with control characters is refused in every token (kid_invalid)"};
  Result<PrivateKey> pair = PrivateKey::generate(*algorithm, options.bits);
  if (!pair.ok()) return pair.error();
  Result<Key> half = pair->public_key(options.id, now);
  if (!half.ok()) return half.error();
  Key named = options.id.empty() ? half->renamed(half->thumbprint()) : std::move(half).value();
  return NewKey{std::move(pair).value(), std::move(named)};
}

/// The keys file with the new key in it; an absent file is an empty one.
Result<std::string> grown_document(const GenerateOptions& options, const NewKey& made, const Files& files) {
  std::error_code ignored;
  const bool exists = std::filesystem::exists(options.keys_file, ignored);
  Result<std::string> text = files.read(options.keys_file, kKeyFileBytes);
  if (!text.ok() && exists) return text.error();
  return with_key(text.ok() ? *text : std::string_view(), made.half.id(), made.pair.public_pem());
}

/// The public half, to the files that are named. Where the second one fails, the first gets back what it held before.
Result<void> write_public(const GenerateOptions& options, const NewKey& made, const std::string& document, Files& files) {
  if (options.public_file.empty())
    return options.keys_file.empty() ? Result<void>() : files.rewrite(options.keys_file, document, kPublicMode);
  const Result<std::string> before = files.read(options.public_file, kKeyFileBytes);
  Result<void> written = files.write(options.public_file, made.pair.public_pem(), kPublicMode);
  if (!written.ok() || options.keys_file.empty()) return written;
  written = files.rewrite(options.keys_file, document, kPublicMode);
  if (written.ok()) return written;
  if (before.ok()) {
    (void)files.write(options.public_file, *before, kPublicMode);
  } else {
    files.remove(options.public_file);
  }
  return written;
}

/// The private key goes first: a public key whose private half was lost would be worse than the other way round. Where the public half
/// cannot be written it goes again, so that the command can be given once more.
Result<void> write_files(const GenerateOptions& options, const NewKey& made, Files& files) {
  std::string document;
  if (!options.keys_file.empty()) {
    Result<std::string> grown = grown_document(options, made, files);
    if (!grown.ok()) return grown.error();
    document = std::move(grown).value();
  }
  if (!options.private_file.empty()) {
    const Result<void> created = files.create(options.private_file, made.pair.pem().reveal(), kPrivateMode);
    if (!created.ok()) return created.error();
  }
  Result<void> written = write_public(options, made, document, files);
  if (!written.ok() && !options.private_file.empty()) files.remove(options.private_file);
  return written;
}

std::string as_json(const GenerateOptions& options, const NewKey& made) {
  JsonWriter json;
  json.begin_object().key("id").string(made.half.id()).key("alg").string(options.algorithm);
  json.key("type").string(key_type_name(made.half.type())).key("bits").integer(made.half.bits());
  json.key("thumbprint").string(made.half.thumbprint()).key("public").string(made.pair.public_pem());
  if (!options.private_file.empty()) json.key("privateFile").string(options.private_file);
  if (!options.public_file.empty()) json.key("publicFile").string(options.public_file);
  if (!options.keys_file.empty()) json.key("keysFile").string(options.keys_file);
  json.end_object();
  return std::move(json).text() + "\n";
}

void generate(const GenerateOptions& options, CommandContext& context) {
  if (options.json && options.private_file.empty())
    return complain(context, "key generate: --json needs --private FILE: it never prints a private key");
  const Result<NewKey> made = make(options, context.clock.now());
  if (!made.ok()) return complain(context, made.error());
  const Result<void> written = write_files(options, *made, context.files);
  if (!written.ok()) return complain(context, written.error());
  if (options.json) return context.out(as_json(options, *made));
  const std::string summary = "key " + escape_for_log(made->half.id()) + ": " + std::string(key_type_name(made->half.type())) + ", " +
                              std::to_string(made->half.bits()) + " bits, thumbprint " + made->half.thumbprint() + "\n";
  context.err(summary);
  if (options.private_file.empty()) context.out(made->pair.pem().reveal());
  if (options.public_file.empty() && options.keys_file.empty()) context.out(made->pair.public_pem());
}

}  // namespace

void add_key(CLI::App& app, CommandContext& context) {
  CLI::App* command = app.add_subcommand("key", "Make keys for development");
  command->require_subcommand(1);
  CLI::App* making = command->add_subcommand("generate", "Make a key pair");
  const auto options = std::make_shared<GenerateOptions>();
  making->add_option("--alg", options->algorithm, "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519")
      ->capture_default_str();
  making->add_option("--id", options->id, "Key id (kid); default: the RFC 7638 thumbprint");
  making->add_option("--private", options->private_file, "Write the private key here, mode 0600; an existing file is never overwritten");
  making->add_option("--public", options->public_file, "Write the public key here, as PEM");
  making->add_option("--keys", options->keys_file, "Add the public key to this keys file (portcullis.keys.file), by rename");
  making->add_option("--bits", options->bits, "Bits of an RSA key, 2048 to 8192")->capture_default_str();
  making->add_flag("--json", options->json, "Describe the key as one JSON object");
  making->footer(
      "Without --private the private key goes to standard output; without --public and --keys the public one does.\n"
      "Examples:\n"
      "  portcullis key generate --id 2026-11 --private signing.pem --keys keys.json\n"
      "  portcullis key generate --alg ES256 --private signing.pem --public cert.pem\n"
      "  portcullis key generate --alg RS256 --bits 3072 --private rsa.pem --keys keys.json --json");
  making->callback([options, &context] { generate(*options, context); });
}

}  // namespace portcullis
