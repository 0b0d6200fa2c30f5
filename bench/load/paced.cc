// A load generator that sends at fixed rates, whatever the answers take: latency counts from the moment a request was due, so a stalled
// server cannot hide by slowing its clients down. Runs one or more streams from one thread and prints one JSON object.
//
// usage: paced PORT SECONDS NAME:RATE:CONNECTIONS:TOKENS_FILE…
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/load/connection.h"

namespace load {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

constexpr std::uint64_t kMostRequests = 2'000'000;
constexpr seconds kGrace{5};  ///< how long answers may be late at the end before they count as lost

/// One kind of traffic: its tokens in turn, at its own rate, over its own connections.
struct Stream {
  std::string name;
  double rate = 0;
  std::vector<std::string> requests;
  std::vector<std::unique_ptr<Connection>> connections;
  std::vector<Connection*> idle;
  std::uint64_t total = 0;
  std::uint64_t sent = 0;
  std::uint64_t broken = 0;
  std::map<int, std::uint64_t> statuses;
  std::vector<std::int64_t> microseconds_taken;

  [[nodiscard]] bool finished() const { return sent == total && idle.size() == connections.size(); }
  [[nodiscard]] Instant due(Instant start) const {
    return start + std::chrono::duration_cast<Instant::duration>(std::chrono::duration<double>(static_cast<double>(sent) / rate));
  }
};

[[noreturn]] void stop(const char* message) {
  std::fprintf(stderr, "paced: %s\n", message);
  std::exit(2);
}

std::string request_with(const std::string& token) {
  return "GET /auth HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Original-URI: /v2/team/app/manifests/latest\r\nX-Original-Method: "
         "GET\r\nAuthorization: Bearer " +
         token + "\r\n\r\n";
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts{""};
  for (const char c : text) {
    if (c == ':' && parts.size() < 4) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

Stream make_stream(const std::string& text, std::uint16_t port, double length) {
  const std::vector<std::string> parts = split(text);
  if (parts.size() != 4) stop("a stream is NAME:RATE:CONNECTIONS:TOKENS_FILE");
  Stream stream;
  stream.name = parts[0];
  stream.rate = std::strtod(parts[1].c_str(), nullptr);
  const unsigned long connections = std::strtoul(parts[2].c_str(), nullptr, 10);
  if (!(stream.rate > 0) || connections == 0 || connections > 1000) stop("rate and connections must be above 0, connections at most 1000");
  stream.total = std::min(static_cast<std::uint64_t>(stream.rate * length), kMostRequests);
  std::ifstream file(parts[3]);
  for (std::string line; std::getline(file, line);) stream.requests.push_back(request_with(line));
  if (stream.requests.empty()) stop("no token in the file");
  for (unsigned long i = 0; i < connections; ++i) {
    stream.connections.push_back(std::make_unique<Connection>(port));
    stream.idle.push_back(stream.connections.back().get());
  }
  stream.microseconds_taken.reserve(stream.total);
  return stream;
}

void send_what_is_due(Stream& stream, Instant start, Instant now) {
  while (stream.sent < stream.total && !stream.idle.empty()) {
    const Instant due = stream.due(start);
    if (due > now) return;
    stream.idle.back()->send(stream.requests[stream.sent % stream.requests.size()], due);
    stream.idle.pop_back();
    ++stream.sent;
  }
}

/// Where an event leads back to.
struct Ear {
  Stream* stream;
  Connection* connection;
};

void listen_to(int epoll, Ear& ear) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = &ear;
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, ear.connection->socket(), &event) != 0) stop("epoll_ctl failed");
}

void take_answers(int epoll) {
  std::array<epoll_event, 64> events{};
  // Polls without sleeping: this process has a core of its own, and a sleep's rounding would show in every latency.
  const int count = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 0);
  const Instant now = std::chrono::steady_clock::now();
  for (int i = 0; i < count; ++i) {
    auto& ear = *static_cast<Ear*>(events[static_cast<std::size_t>(i)].data.ptr);
    const bool was_busy = ear.connection->busy();
    const int status = ear.connection->receive();
    if (status == 0) continue;
    if (status < 0) listen_to(epoll, ear);  // a new socket
    if (!was_busy) continue;                // an idle connection that the server closed
    if (status < 0) {
      ++ear.stream->broken;
    } else {
      ++ear.stream->statuses[status];
      ear.stream->microseconds_taken.push_back(std::chrono::duration_cast<microseconds>(now - ear.connection->due()).count());
    }
    ear.stream->idle.push_back(ear.connection);
  }
}

std::int64_t percentile(const std::vector<std::int64_t>& sorted, double share) {
  if (sorted.empty()) return -1;
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

void print(Stream& stream, bool last) {
  std::vector<std::int64_t>& taken = stream.microseconds_taken;
  std::sort(taken.begin(), taken.end());
  std::printf(
      R"("%s":{"due":%llu,"sent":%llu,"answered":%zu,"broken":%llu,"p50_us":%lld,"p99_us":%lld,"p999_us":%lld,"max_us":%lld,"statuses":{)",
      stream.name.c_str(), static_cast<unsigned long long>(stream.total), static_cast<unsigned long long>(stream.sent), taken.size(),
      static_cast<unsigned long long>(stream.broken), static_cast<long long>(percentile(taken, 0.5)),
      static_cast<long long>(percentile(taken, 0.99)), static_cast<long long>(percentile(taken, 0.999)),
      static_cast<long long>(percentile(taken, 1.0)));
  const char* comma = "";
  for (const auto& [status, count] : stream.statuses) {
    std::printf("%s\"%d\":%llu", comma, status, static_cast<unsigned long long>(count));
    comma = ",";
  }
  std::printf("}}%s", last ? "" : ",");
}

int run(std::uint16_t port, double length, const std::vector<std::string>& texts) {
  std::vector<Stream> streams;
  for (const std::string& text : texts) streams.push_back(make_stream(text, port, length));
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  std::vector<std::unique_ptr<Ear>> ears;
  for (Stream& stream : streams) {
    for (const auto& connection : stream.connections) {
      ears.push_back(std::make_unique<Ear>(Ear{&stream, connection.get()}));
      listen_to(epoll, *ears.back());
    }
  }
  const Instant start = std::chrono::steady_clock::now();
  const Instant end = start + std::chrono::duration_cast<Instant::duration>(std::chrono::duration<double>(length)) + kGrace;
  for (Instant now = start; now < end; now = std::chrono::steady_clock::now()) {
    for (Stream& stream : streams) send_what_is_due(stream, start, now);
    take_answers(epoll);
    if (std::all_of(streams.begin(), streams.end(), [](const Stream& stream) { return stream.finished(); })) break;
  }
  std::printf("{");
  for (Stream& stream : streams) print(stream, &stream == &streams.back());
  std::printf("}\n");
  return 0;
}

}  // namespace
}  // namespace load

int main(int argc, char** argv) {
  if (argc < 4) load::stop("usage: paced PORT SECONDS NAME:RATE:CONNECTIONS:TOKENS_FILE…");
  const double length = std::strtod(argv[2], nullptr);
  if (!(length > 0) || length > 600) load::stop("seconds must be above 0 and at most 600");
  return load::run(static_cast<std::uint16_t>(std::atoi(argv[1])), length, {argv + 3, argv + argc});
}
