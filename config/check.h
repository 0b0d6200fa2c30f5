// Rules between settings: each setting may be good on its own, and the whole still verify nothing or trust nobody.
#pragma once

#include "config/read/report.h"
#include "config/read/sections.h"

namespace portcullis {

/// Reports every rule that the whole breaks. Expects that listeners are chosen and overrides applied.
void check_configuration(const Draft& draft, Report& report);

/// The part of it that is about `http.auth.bearer.oidc`.
void check_oidc(const Draft& draft, Report& report);

}  // namespace portcullis
