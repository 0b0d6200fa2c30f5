// The files that a configuration names, read once: marker, revocations, and where keys come from.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/io/files.h"
#include "base/result.h"
#include "base/secret.h"
#include "config/config.h"
#include "keystore/refresh/round.h"
#include "keystore/refresh/source.h"
#include "verifier/revocations.h"

namespace portcullis {

/// Whether anybody could ask a gate of `config`: a file for the broker's commands alone loads too, and names nobody.
/// `Reason::config_invalid`.
Result<void> check_somebody_is_trusted(const Config& config);
/// `error` with `setting` in front of its detail: "portcullis.tokens.revocations: revoked.json: No such file or directory".
Error at_setting(std::string_view setting, const Error& error);
/// Takes that setting off again: what `detail` says without `setting` in front.
std::string_view without_setting(std::string_view setting, std::string_view detail) noexcept;
/// The text of `proxy.markerFile`, at most 64 KiB; empty where none is configured. `Reason::io_failed`; the detail names the setting.
Result<Secret> read_markers(const Files& files, const Config& config);
/// `tokens.revocations`, parsed; no entries where none is configured, never null. Reasons: io_failed, revocations_malformed; the
/// detail names the setting.
Result<std::shared_ptr<const Revocations>> read_revocations(const Files& files, const Config& config);
/// Whether `config` names a source of keys for traditional tokens.
bool has_traditional_source(const Config& config) noexcept;
/// The setting that names that source: `portcullis.keys.file`; empty where there is none.
std::string_view traditional_setting(const Config& config) noexcept;
/// The source that `cert` or `keys.file` names, one of which must be set. `files` outlives it.
std::unique_ptr<KeySource> make_key_source(const Files& files, const Config& config);
/// What is known of `source` before its first round.
SourceState first_source_state(const Config& config, const KeySource& source);

}  // namespace portcullis
