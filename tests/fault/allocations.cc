#include "tests/fault/allocations.h"

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <new>

#include <dlfcn.h>
#include <pthread.h>

// The allocator behind ours: the C library's, or the sanitizer's.
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): names are those of the C library.
#ifdef PORTCULLIS_BEHIND_SANITIZER
extern "C" {
void* __interceptor_malloc(std::size_t size);
void* __interceptor_calloc(std::size_t count, std::size_t size);
void* __interceptor_realloc(void* old, std::size_t size);
}
namespace {
constexpr auto* real_malloc = &__interceptor_malloc;
constexpr auto* real_calloc = &__interceptor_calloc;
constexpr auto* real_realloc = &__interceptor_realloc;
}  // namespace
#else
#define PORTCULLIS_COUNTS_LIVE 1
extern "C" {
void __libc_free(void* old);
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
}
namespace {
constexpr auto* real_malloc = &__libc_malloc;
constexpr auto* real_calloc = &__libc_calloc;
constexpr auto* real_realloc = &__libc_realloc;
}  // namespace
#endif
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

namespace portcullis::test {
namespace {

enum class Mode { off, marked_threads, other_threads };

// Allocations are made before `main` and after it: nothing here is constructed.
constinit std::atomic<Mode> mode{Mode::off};
constinit std::atomic<Outage> extent{Outage::one};
constinit std::atomic<std::uint64_t> failing{0};
constinit std::atomic<std::uint64_t> seen{0};
constinit thread_local bool marked = false;
constinit thread_local bool exempt = false;
constinit thread_local std::int64_t live = 0;

void* counted(void* made) noexcept {
#ifdef PORTCULLIS_COUNTS_LIVE
  if (made != nullptr) ++live;
#endif
  return made;
}

bool fails() noexcept {
  const Mode now = mode.load(std::memory_order_relaxed);
  if (now == Mode::off || exempt || (now == Mode::marked_threads) != marked) return false;
  const std::uint64_t number = seen.fetch_add(1, std::memory_order_relaxed) + 1;
  const std::uint64_t nth = failing.load(std::memory_order_relaxed);
  if (extent.load(std::memory_order_relaxed) == Outage::one ? number != nth : number < nth) return false;
  errno = ENOMEM;
  return true;
}

void* new_or_throw(std::size_t size) {
  void* const made = std::malloc(size == 0 ? 1 : size);
  if (made == nullptr) throw std::bad_alloc();
  return made;
}

}  // namespace

AllocationOutage::AllocationOutage(std::uint64_t nth, Outage outage, Whose whose) noexcept {
  failing.store(nth);
  extent.store(outage);
  seen.store(0);
  marked = true;
  mode.store(whose == Whose::this_thread ? Mode::marked_threads : Mode::other_threads);
}

AllocationOutage::~AllocationOutage() {
  mode.store(Mode::off);
  marked = false;
}

std::int64_t live_allocations() noexcept { return live; }

bool AllocationOutage::happened() noexcept { return seen.load() >= failing.load(); }

}  // namespace portcullis::test

extern "C" {

// Where the C library has no memory to note the destructor of a thread's variable it ends the process itself: once a thread, and nothing of
// ours can help it.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming)
int __cxa_thread_atexit_impl(void (*destructor)(void*), void* object, void* library) {
  using Register = int(void (*)(void*), void*, void*);
  static auto* const next = reinterpret_cast<Register*>(::dlsym(RTLD_NEXT, "__cxa_thread_atexit_impl"));
  portcullis::test::exempt = true;
  const int done = next(destructor, object, library);
  portcullis::test::exempt = false;
  return done;
}

#ifdef PORTCULLIS_BEHIND_SANITIZER
// A sanitizer asks at the beginning of a thread where its stack is, and ends the process where there is no memory for the answer.
int pthread_getattr_np(pthread_t thread, pthread_attr_t* attributes) noexcept {
  using Ask = int(pthread_t, pthread_attr_t*);
  auto* const next = reinterpret_cast<Ask*>(::dlsym(RTLD_NEXT, "pthread_getattr_np"));  // not static: that takes a lock that is watched
  portcullis::test::exempt = true;
  const int done = next(thread, attributes);
  portcullis::test::exempt = false;
  return done;
}
#endif

void* malloc(std::size_t size) { return portcullis::test::fails() ? nullptr : portcullis::test::counted(real_malloc(size)); }
void* calloc(std::size_t count, std::size_t size) {
  return portcullis::test::fails() ? nullptr : portcullis::test::counted(real_calloc(count, size));
}
void* realloc(void* old, std::size_t size) {
  if (portcullis::test::fails()) return nullptr;
  return old == nullptr ? portcullis::test::counted(real_realloc(old, size)) : real_realloc(old, size);
}
#ifdef PORTCULLIS_COUNTS_LIVE
void free(void* old) {
  if (old != nullptr) --portcullis::test::live;
  __libc_free(old);
}
#endif

}  // extern "C"

// All of them together, because a sanitizer has its own, which must not be mixed with ours.
void* operator new(std::size_t size) { return portcullis::test::new_or_throw(size); }
void* operator new[](std::size_t size) { return portcullis::test::new_or_throw(size); }
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept { return std::malloc(size == 0 ? 1 : size); }
void* operator new[](std::size_t size, const std::nothrow_t& /*tag*/) noexcept { return std::malloc(size == 0 ? 1 : size); }
void operator delete(void* old) noexcept { std::free(old); }
void operator delete[](void* old) noexcept { std::free(old); }
void operator delete(void* old, std::size_t /*size*/) noexcept { std::free(old); }
void operator delete[](void* old, std::size_t /*size*/) noexcept { std::free(old); }
void operator delete(void* old, const std::nothrow_t& /*tag*/) noexcept { std::free(old); }
void operator delete[](void* old, const std::nothrow_t& /*tag*/) noexcept { std::free(old); }
