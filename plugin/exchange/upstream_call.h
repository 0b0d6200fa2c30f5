// The question that another token endpoint is asked, and its answer as ours: pure.
#pragma once

#include <memory>
#include <string_view>

#include "base/io/http.h"
#include "config/config.h"
#include "plugin/exchange/exchange_question.h"
#include "plugin/gate.h"

namespace portcullis {

/// The same question for `upstream`: method, query and form kept, every `service` replaced by its own, its realm's own query kept but for
/// names that the client asks for. Of the headers only Authorization, Accept and User-Agent are passed on, and the form's Content-Type; a
/// body that is no form is not. 30 seconds, an answer of 256 KiB at most.
OutgoingRequest upstream_call(const HttpRequest& request, const ExchangeQuestion& question, const UpstreamTokenEndpointConfig& upstream);

/// 503: too many requests wait for the other endpoint already.
GateAnswer upstream_busy(const State& state, std::string_view id);

/// What the client gets: status and body as they came, redirects too, with Content-Type, WWW-Authenticate, Location and Retry-After, never
/// to be stored. 502 where there was no answer, or one that cannot be passed on; 503 without words where there is no memory.
GateAnswer upstream_answer(Result<IncomingAnswer> brought, std::string_view id) noexcept;

}  // namespace portcullis
