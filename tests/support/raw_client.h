// A client that sends exactly the bytes that a test writes, and reads answers with a deadline.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace portcullis::test {

/// One HTTP answer as it came.
struct RawAnswer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  /// The value of the first header called `name`, in any letter case; empty where there is none.
  [[nodiscard]] std::string header(std::string_view name) const;
};

/// One connection to `unix:PATH` or `HOST:PORT`. A test that waits longer than ten seconds has failed.
class RawClient {
 public:
  /// `source`: the numeric address of this host that it comes from, over TCP; empty: the system chooses.
  explicit RawClient(const std::string& address, const std::string& source = {});
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  [[nodiscard]] bool connected() const noexcept { return descriptor_ >= 0; }
  /// Sends all bytes; false where the other end has gone.
  bool send(std::string_view bytes);
  /// Reads one answer; nothing where the connection ends first or nothing comes within `patience`. `head`: the answer to HEAD has no body.
  std::optional<RawAnswer> receive(bool head = false, std::chrono::milliseconds patience = std::chrono::seconds(10));
  /// `send`, then `receive`.
  std::optional<RawAnswer> ask(std::string_view bytes);
  /// Whether the other end closes within ten seconds, with nothing sent before.
  bool closed_by_peer();

 private:
  bool fill(std::chrono::steady_clock::time_point deadline);

  int descriptor_ = -1;
  std::string buffer_;
};

/// One request on a connection of its own.
std::optional<RawAnswer> ask_once(const std::string& address, std::string_view bytes);
/// `GET path` on a connection of its own.
std::optional<RawAnswer> get(const std::string& address, std::string_view path);

/// Whether `condition` becomes true within ten seconds. Looks every millisecond.
bool eventually(const std::function<bool()>& condition);

}  // namespace portcullis::test
