// From our answer to libmicrohttpd's: nothing is sent that could not be sent whole.
#pragma once

#include <cstddef>

#include <microhttpd.h>

#include "plugin/http/message.h"

namespace portcullis {

/// Queues `answer`; `close`: and closes the connection behind it. Where it cannot be built, a fixed 503 goes out instead.
MHD_Result queue_answer(MHD_Connection* connection, const HttpAnswer& answer, bool close);

/// Queues the fixed 503 that stands for every fault of our own.
MHD_Result queue_refusal(MHD_Connection* connection) noexcept;

/// 413: a body above the limit.
HttpAnswer body_too_large();
/// 431: request line and headers above the limit.
HttpAnswer headers_too_large();

/// Memory that a connection needs for headers of `header_bytes` and the answer to them, with a login of a registry in it or not. As little
/// as will do: libmicrohttpd zeroes it all for each request.
std::size_t pool_bytes(std::size_t header_bytes, bool logins) noexcept;

}  // namespace portcullis
