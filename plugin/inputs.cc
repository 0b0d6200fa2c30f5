#include "plugin/inputs.h"

#include <algorithm>
#include <utility>

#include "keystore/refresh/file_source.h"

namespace portcullis {
namespace {

constexpr std::string_view kMarkerFile = "portcullis.proxy.markerFile";
constexpr std::string_view kRevocations = "portcullis.tokens.revocations";
constexpr std::size_t kMarkerFileBytes = 64UL * 1024;
constexpr std::size_t kRevocationsBytes = 10UL * 1024 * 1024;

}  // namespace

Result<void> check_somebody_is_trusted(const Config& config) {
  const bool tcp_alone = std::all_of(config.listen.begin(), config.listen.end(),
                                     [](const ListenAddress& address) { return address.kind == ListenAddress::Kind::tcp; });
  if (!tcp_alone || !config.proxy.trusted.empty()) return {};
  return Error{Reason::config_invalid,
               "portcullis.proxy.trusted: names nobody, and the gate would listen on TCP: name the proxy's address, or --trust CIDR"};
}

Error at_setting(std::string_view setting, const Error& error) {
  return {error.reason, std::string(setting) + (error.detail.empty() ? "" : ": " + error.detail)};
}

std::string_view without_setting(std::string_view setting, std::string_view detail) noexcept {
  const bool named = detail.starts_with(setting) && detail.substr(setting.size()).starts_with(": ");
  return named ? detail.substr(setting.size() + 2) : detail;
}

Result<Secret> read_markers(const Files& files, const Config& config) {
  if (!config.proxy.marker_file) return Secret();
  Result<std::string> text = files.read(*config.proxy.marker_file, kMarkerFileBytes);
  if (!text.ok()) return at_setting(kMarkerFile, text.error());
  return Secret(std::move(text).value());
}

Result<std::shared_ptr<const Revocations>> read_revocations(const Files& files, const Config& config) {
  if (!config.tokens.revocations) return std::make_shared<const Revocations>();
  const Result<std::string> text = files.read(*config.tokens.revocations, kRevocationsBytes);
  if (!text.ok()) return at_setting(kRevocations, text.error());
  Result<Revocations> parsed = Revocations::parse(*text);
  if (!parsed.ok())
    return at_setting(kRevocations, Error{parsed.error().reason, *config.tokens.revocations + ": " + parsed.error().detail});
  return std::make_shared<const Revocations>(std::move(parsed).value());
}

bool has_traditional_source(const Config& config) noexcept {
  return config.bearer.cert || config.bearer.aws_secrets_manager || config.keys.file || config.keys.jwks_url;
}

std::string_view traditional_setting(const Config& config) noexcept {
  if (config.bearer.cert) return "http.auth.bearer.cert";
  if (config.bearer.aws_secrets_manager) return "http.auth.bearer.awsSecretsManager";
  if (config.keys.file) return "portcullis.keys.file";
  return config.keys.jwks_url ? "portcullis.keys.jwksURL" : "";
}

std::unique_ptr<KeySource> make_key_source(const Files& files, const Config& config) {
  return config.bearer.cert ? make_cert_source(files, *config.bearer.cert) : make_keys_file_source(files, config.keys.file.value());
}

SourceState first_source_state(const Config& config, const KeySource& source) {
  SourceState state;
  state.name = source.name();
  state.kid_required = !config.bearer.cert.has_value();
  state.max_stale = config.keys.max_stale;
  return state;
}

}  // namespace portcullis
