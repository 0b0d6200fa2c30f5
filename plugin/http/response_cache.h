// Answers that differ in nothing but their id and the date, kept ready: while an image is pulled, one token gets the same answer for each
// layer.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <microhttpd.h>

#include "base/handle.h"
#include "plugin/http/message.h"

namespace portcullis {

using ResponseHandle = Handle<MHD_Response, MHD_destroy_response>;

/// A few responses of one request thread. Headers are never changed but for the id and the date, so that an answer can never carry
/// another's identity. Both are written over where they stand in the response: to take a header out and put it in again costs as much as
/// all the rest. libmicrohttpd 0.9.75 gives out its own copy of a value (MHD_get_response_header), and writes the headers of a queued
/// response before it calls a handler of the same thread again, so that neither changes under it; tests hold both.
class ResponseCache {
 public:
  /// The response for `answer`, to be queued before the next call; null where it is none of the kind: an allow without body, with an id.
  MHD_Response* prepare(const HttpAnswer& answer, const char* date);

 private:
  /// Bytes of a header's value inside the response.
  struct Place {
    char* bytes = nullptr;
    std::size_t size = 0;
  };
  struct Entry {
    std::vector<std::pair<std::string_view, std::string>> headers;  ///< all of the answer but its id
    ResponseHandle response;
    Place id;
    Place date;
  };

  static bool build(Entry& entry, const HttpAnswer& answer, const std::string& id, const char* date);
  static bool renew(const Entry& entry, std::string_view id, std::string_view date) noexcept;
  static Place place_of(MHD_Response* response, const char* name) noexcept;

  std::array<Entry, 16> entries_;
};

/// Adds a header; false where libmicrohttpd cannot send it.
bool add_header(MHD_Response* response, std::string_view name, const char* value) noexcept;

}  // namespace portcullis
