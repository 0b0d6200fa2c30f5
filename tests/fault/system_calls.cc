#include "tests/fault/system_calls.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace portcullis::test {
namespace {

// Calls are made before `main` and after it: nothing here is constructed.
constinit std::atomic<bool> armed{false};
constinit std::atomic<Calls> kind{Calls::file};
constinit std::atomic<Ending> ending{Ending::error};
constinit std::atomic<int> code{0};
constinit std::atomic<Outage> extent{Outage::one};
constinit std::atomic<Whose> affected{Whose::this_thread};
constinit std::atomic<std::uint64_t> failing{0};
constinit std::atomic<std::uint64_t> seen{0};
constinit thread_local bool marked = false;

/// Whether this is a call whose turn has come.
bool its_turn(Calls calls) noexcept {
  if (!armed.load(std::memory_order_relaxed) || kind.load() != calls) return false;
  if (ending.load() != Ending::death && (affected.load() == Whose::this_thread) != marked) return false;
  const std::uint64_t number = seen.fetch_add(1) + 1;
  return extent.load() == Outage::one ? number == failing.load() : number >= failing.load();
}

[[noreturn]] void die() noexcept {
  (void)::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

void set_error(int usual) noexcept { errno = code.load() != 0 ? code.load() : usual; }

/// Whether the call fails; where it kills, nobody hears.
bool fails(Calls calls) noexcept {
  if (!its_turn(calls) || ending.load() == Ending::half) return false;
  if (ending.load() == Ending::death) die();
  set_error(calls == Calls::file ? EIO : ECONNRESET);
  return true;
}

/// How many of its `size` bytes a `write` takes; nothing where it fails.
std::optional<std::size_t> taken(std::size_t size) noexcept {
  if (!its_turn(Calls::file)) return size;
  if (ending.load() == Ending::error) {
    set_error(ENOSPC);
    return std::nullopt;
  }
  return size > 1 || ending.load() == Ending::death ? size / 2 : size;
}

/// The function of that name behind ours: the C library's, or a sanitizer's.
template <class Function>
Function* real(const char* name) noexcept {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

CallFault::CallFault(std::uint64_t nth, const CallPlan& plan) noexcept {
  failing.store(nth);
  seen.store(0);
  kind.store(plan.calls);
  ending.store(plan.ending);
  code.store(plan.error);
  extent.store(plan.outage);
  affected.store(plan.whose);
  marked = true;
  armed.store(true);
}

CallFault::~CallFault() {
  armed.store(false);
  marked = false;
}

bool CallFault::happened() noexcept { return seen.load() >= failing.load(); }

}  // namespace portcullis::test

using portcullis::test::Calls;
using portcullis::test::fails;
using portcullis::test::real;
using portcullis::test::taken;

extern "C" {

int open(const char* path, int flags, ...) {
  std::va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  static auto* const next = real<int(const char*, int, ...)>("open");
  return fails(Calls::file) ? -1 : next(path, flags, mode);
}

int mkostemp(char* path, int flags) {
  static auto* const next = real<int(char*, int)>("mkostemp");
  return fails(Calls::file) ? -1 : next(path, flags);
}

ssize_t read(int descriptor, void* bytes, std::size_t size) {
  static auto* const next = real<ssize_t(int, void*, std::size_t)>("read");
  return fails(Calls::file) ? -1 : next(descriptor, bytes, size);
}

ssize_t write(int descriptor, const void* bytes, std::size_t size) {
  static auto* const next = real<ssize_t(int, const void*, std::size_t)>("write");
  const auto part = taken(size);
  if (!part) return -1;
  const ssize_t written = next(descriptor, bytes, *part);
  if (*part != size && portcullis::test::ending.load() == portcullis::test::Ending::death) portcullis::test::die();
  return written;
}

ssize_t pread(int descriptor, void* bytes, std::size_t size, off_t at) {
  static auto* const next = real<ssize_t(int, void*, std::size_t, off_t)>("pread");
  return fails(Calls::file) ? -1 : next(descriptor, bytes, size, at);
}

int stat(const char* path, struct stat* status) noexcept {
  static auto* const next = real<int(const char*, struct stat*)>("stat");
  return fails(Calls::file) ? -1 : next(path, status);
}

int lstat(const char* path, struct stat* status) noexcept {
  static auto* const next = real<int(const char*, struct stat*)>("lstat");
  return fails(Calls::file) ? -1 : next(path, status);
}

int fstat(int descriptor, struct stat* status) noexcept {
  static auto* const next = real<int(int, struct stat*)>("fstat");
  return fails(Calls::file) ? -1 : next(descriptor, status);
}

int fchmod(int descriptor, mode_t mode) noexcept {
  static auto* const next = real<int(int, mode_t)>("fchmod");
  return fails(Calls::file) ? -1 : next(descriptor, mode);
}

int fsync(int descriptor) {
  static auto* const next = real<int(int)>("fsync");
  return fails(Calls::file) ? -1 : next(descriptor);
}

int rename(const char* from, const char* to) noexcept {
  static auto* const next = real<int(const char*, const char*)>("rename");
  return fails(Calls::file) ? -1 : next(from, to);
}

int socket(int domain, int type, int protocol) noexcept {
  static auto* const next = real<int(int, int, int)>("socket");
  return fails(Calls::socket) ? -1 : next(domain, type, protocol);
}

int connect(int descriptor, const sockaddr* address, socklen_t size) {
  static auto* const next = real<int(int, const sockaddr*, socklen_t)>("connect");
  return fails(Calls::socket) ? -1 : next(descriptor, address, size);
}

int accept4(int descriptor, sockaddr* address, socklen_t* size, int flags) {
  static auto* const next = real<int(int, sockaddr*, socklen_t*, int)>("accept4");
  return fails(Calls::socket) || fails(Calls::accept) ? -1 : next(descriptor, address, size, flags);
}

int getsockopt(int descriptor, int level, int option, void* value, socklen_t* size) noexcept {
  static auto* const next = real<int(int, int, int, void*, socklen_t*)>("getsockopt");
  return fails(Calls::socket) ? -1 : next(descriptor, level, option, value, size);
}

int setsockopt(int descriptor, int level, int option, const void* value, socklen_t size) noexcept {
  static auto* const next = real<int(int, int, int, const void*, socklen_t)>("setsockopt");
  return fails(Calls::socket) ? -1 : next(descriptor, level, option, value, size);
}

ssize_t send(int descriptor, const void* bytes, std::size_t size, int flags) {
  static auto* const next = real<ssize_t(int, const void*, std::size_t, int)>("send");
  return fails(Calls::socket) ? -1 : next(descriptor, bytes, size, flags);
}

ssize_t sendmsg(int descriptor, const msghdr* message, int flags) {
  static auto* const next = real<ssize_t(int, const msghdr*, int)>("sendmsg");
  return fails(Calls::socket) ? -1 : next(descriptor, message, flags);
}

ssize_t recv(int descriptor, void* bytes, std::size_t size, int flags) {
  static auto* const next = real<ssize_t(int, void*, std::size_t, int)>("recv");
  return fails(Calls::socket) ? -1 : next(descriptor, bytes, size, flags);
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*), void* argument) noexcept {
  static auto* const next = real<int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)>("pthread_create");
  return fails(Calls::thread) ? EAGAIN : next(thread, attributes, start, argument);
}

}  // extern "C"
