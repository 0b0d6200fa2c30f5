// Attack O4 over real sockets: names that lead elsewhere than they say, or elsewhere than they did a moment ago. This program answers the
// look-ups of `*.test` itself, by defining the function that curl resolves names with; a canary on loopback counts who comes.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <deque>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "base/io/curl_http.h"
#include "base/mutex.h"
#include "keystore/refresh/oidc_source.h"
#include "tests/attacks/attack.h"

namespace portcullis::attacks {
namespace {

/// What names of `.test` lead to: each look-up takes the next address, and the last one stays.
class NameService {
 public:
  void set(const std::string& name, std::deque<std::string> addresses) {
    const MutexLock lock(mutex_);
    addresses_[name] = std::move(addresses);
  }
  /// Empty where the name is not ours.
  std::string next(const std::string& name) {
    const MutexLock lock(mutex_);
    const auto found = addresses_.find(name);
    if (found == addresses_.end() || found->second.empty()) return {};
    std::string address = found->second.front();
    if (found->second.size() > 1) found->second.pop_front();
    ++looked_up_;
    return address;
  }
  [[nodiscard]] int looked_up() {
    const MutexLock lock(mutex_);
    return looked_up_;
  }

 private:
  Mutex mutex_;
  std::map<std::string, std::deque<std::string>> addresses_ GUARDED_BY(mutex_);
  int looked_up_ GUARDED_BY(mutex_) = 0;
};

NameService& names() {
  static NameService service;
  return service;
}

/// Listens on loopback, gives every request the same answer, and counts connections.
class Canary {
 public:
  explicit Canary(std::string answer = {}) : answer_(std::move(answer)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), length), 0);
    EXPECT_EQ(::listen(listener_, 16), 0);
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length), 0);
    port_ = std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this] { serve(); });
  }
  ~Canary() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  [[nodiscard]] const std::string& port() const { return port_; }
  [[nodiscard]] int connections() const { return connections_.load(); }
  void says(std::string answer) {
    const MutexLock lock(mutex_);
    answer_ = std::move(answer);
  }

 private:
  void serve() {
    for (int peer = ::accept(listener_, nullptr, nullptr); peer >= 0; peer = ::accept(listener_, nullptr, nullptr)) {
      ++connections_;
      std::string asked;
      char buffer[4096];
      while (asked.find("\r\n\r\n") == std::string::npos) {
        const ssize_t got = ::read(peer, buffer, sizeof buffer);
        if (got <= 0) break;
        asked.append(buffer, static_cast<std::size_t>(got));
      }
      const std::string answer = next();
      [[maybe_unused]] const ssize_t written = ::write(peer, answer.data(), answer.size());
      ::shutdown(peer, SHUT_WR);
      ::close(peer);
    }
  }

  std::string next() {
    const MutexLock lock(mutex_);
    return answer_;
  }

  Mutex mutex_;
  std::string answer_ GUARDED_BY(mutex_);
  const int listener_;
  std::string port_;
  std::atomic<int> connections_{0};
  std::thread thread_;
};

std::string http_answer(const std::string& body, std::string_view status = "200 OK", std::string_view headers = "") {
  return "HTTP/1.1 " + std::string(status) + "\r\nConnection: close\r\n" + std::string(headers) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

Result<IncomingAnswer> get(const std::string& url) {
  // A thread of its own, so that no connection and no look-up is remembered.
  Result<IncomingAnswer> answer = Error{Reason::io_failed, "the call was not made"};
  std::thread([&] {
    CurlHttp http("test");
    OutgoingRequest request;
    request.method = "GET";
    request.url = url;
    request.reachable = ReachableHosts::with_loopback;
    answer = http.send(request);
  }).join();
  return answer;
}

TEST(Attacks2G, O4_TheNamesOfThisTestAreLookedUpHere) {
  const Canary canary(http_answer("{}"));
  names().set("good.test", {"127.0.0.1"});

  EXPECT_TRUE(get("http://good.test:" + canary.port()).ok());
  EXPECT_EQ(canary.connections(), 1) << "or the tests below would show nothing";
}

TEST(Attacks2G, O4_ANameThatChangesItsMindIsJudgedEachTime) {
  // 0.0.0.0 and its IPv6 spellings reach loopback, the canary: only the judgement of the address stands before it.
  for (const char* second : {"0.0.0.0", "::ffff:0.0.0.0", "169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254"}) {
    const Canary canary(http_answer("{}"));
    names().set("rebound.test", {"127.0.0.1", second});
    const std::string url = "http://rebound.test:" + canary.port();

    EXPECT_TRUE(get(url).ok());
    const auto answer = get(url);

    ASSERT_FALSE(answer.ok()) << second;
    EXPECT_NE(answer.error().detail.find("may not reach"), std::string::npos) << answer.error().detail;
    EXPECT_EQ(canary.connections(), 1) << second;
  }
}

TEST(Attacks2G, O4_TheAddressThatWasJudgedIsTheOneThatIsUsed) {
  // A second look-up between check and connect would be given the canary: there is none.
  const Canary canary(http_answer("{}"));
  names().set("flipping.test", {"169.254.169.254", "127.0.0.1"});
  const int before = names().looked_up();

  const auto answer = get("http://flipping.test:" + canary.port());

  EXPECT_FALSE(answer.ok());
  EXPECT_EQ(names().looked_up(), before + 1);
  EXPECT_EQ(canary.connections(), 0);
}

TEST(Attacks2G, O4_PlainHttpLeavesLoopbackUnderNoName) {
  for (const char* address : {"192.0.2.1", "10.0.0.1", "::ffff:192.0.2.1"}) {
    names().set("elsewhere.test", {address});
    const auto answer = get("http://elsewhere.test/");
    ASSERT_FALSE(answer.ok()) << address;
    EXPECT_NE(answer.error().detail.find("loopback addresses only"), std::string::npos) << answer.error().detail;
  }
}

// The same through an issuer's source: what a document or a redirect names is never asked for.

/// One round of an issuer on loopback, over real sockets.
Result<ParsedKeys> round_at(const std::string& place) {
  Result<ParsedKeys> brought = Error{Reason::io_failed, "the round was not made"};
  std::thread([&] {
    CurlHttp http("test");
    const FakeFiles files;
    OidcIssuerConfig issuer;
    issuer.issuer = place;
    brought = make_oidc_source(&http, files, issuer)->fetch(kNow);
  }).join();
  return brought;
}

TEST(Attacks2G, O2_ARedirectIsNotFollowedToTheCanary) {
  const Canary canary(http_answer("{}"));
  for (const char* status : {"301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"}) {
    const Canary issuer(http_answer("", status, "Location: http://127.0.0.1:" + canary.port() + "/\r\n"));

    EXPECT_EQ(round_at("http://127.0.0.1:" + issuer.port()).error().reason, Reason::io_failed);
    EXPECT_EQ(issuer.connections(), 1);
  }
  EXPECT_EQ(canary.connections(), 0);
}

TEST(Attacks2G, O3_ADocumentLeadsNobodyToTheCanary) {
  const Canary canary(http_answer(R"({"keys":[]})"));
  const std::string port = canary.port();
  names().set("canary.test", {"127.0.0.1"});
  for (const std::string& uri :
       {"http://127.0.0.1:" + port + "/keys", "http://localhost:" + port + "/keys", "http://2130706433:" + port + "/",
        "http://0x7f000001:" + port + "/", "http://0177.0.0.1:" + port + "/", "http://[::ffff:127.0.0.1]:" + port + "/",
        "http://canary.test:" + port + "/", "https://canary.test:" + port + "/", "https://user@127.0.0.1:" + port + "/",
        std::string("file:///proc/self/environ"), "gopher://127.0.0.1:" + port + "/"}) {
    Canary issuer;
    const std::string place = "http://127.0.0.1:" + issuer.port();
    issuer.says(http_answer(R"({"issuer":")" + place + R"(","jwks_uri":")" + uri + "\"}"));

    const auto brought = round_at(place);

    ASSERT_FALSE(brought) << uri;
    EXPECT_EQ(brought.error().reason, Reason::discovery_invalid) << uri;
    EXPECT_EQ(issuer.connections(), 1) << uri;
  }
  EXPECT_EQ(canary.connections(), 0);
}

TEST(Attacks2G, O3_TheIssuersOwnKeysAreAskedFor) {
  Canary issuer;
  const std::string place = "http://127.0.0.1:" + issuer.port();
  issuer.says(http_answer(R"({"issuer":")" + place + R"(","jwks_uri":")" + place + R"(/keys","keys":[]})"));

  EXPECT_FALSE(round_at(place).ok()) << "there are none";
  EXPECT_EQ(issuer.connections(), 2) << "or the tests above would show nothing";
}

}  // namespace

/// For the C function below, which is in no namespace.
std::string scripted_address(const char* name) { return name == nullptr ? std::string() : names().next(name); }

}  // namespace portcullis::attacks

/// Preempts the C library's function for this program and for curl: names that a test set lead where it says, all others where they do.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** found) {
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto real = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  const std::string address = portcullis::attacks::scripted_address(node);
  if (address.empty()) return real(node, service, hints, found);
  addrinfo numeric{};
  if (hints != nullptr) numeric = *hints;
  numeric.ai_family = AF_UNSPEC;
  numeric.ai_flags = AI_NUMERICHOST;
  return real(address.c_str(), service, &numeric, found);
}
