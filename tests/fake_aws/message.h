// One HTTP request as it came, and one answer with the way in which it is delivered.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/canonical_request.h"

namespace portcullis::fake_aws {

struct Request {
  std::string method;
  std::string path;    ///< as it was sent, without the query
  std::string query;   ///< as it was sent, without `?`
  HeaderList headers;  ///< every one, in the order of arrival
  std::string body;

  /// All values of the headers called `name` (lower case), in order.
  [[nodiscard]] std::vector<std::string> all(std::string_view name) const;
  /// The value of the one header called `name` (lower case); nothing where it is absent or stands twice.
  [[nodiscard]] std::optional<std::string> one(std::string_view name) const;
};

/// What a fault does to an answer on its way out.
enum class Delivery {
  whole,
  slow_bytes,  ///< one byte each `pause`
  cut,         ///< the connection ends in the middle of the body
};

struct Answer {
  int status = 200;
  HeaderList headers{};
  std::string body{};
  Delivery delivery = Delivery::whole;
  std::chrono::milliseconds pause{0};  ///< before the answer, or before each byte where it is slow
};

/// `name` with its ASCII letters in lower case.
std::string lower_case(std::string_view name);

}  // namespace portcullis::fake_aws
