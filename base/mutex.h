// A mutex that clang's thread-safety analysis understands.
#pragma once

#include <mutex>

#if defined(__clang__)
#define PORTCULLIS_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define PORTCULLIS_THREAD_ATTRIBUTE(x)
#endif

#define CAPABILITY(name) PORTCULLIS_THREAD_ATTRIBUTE(capability(name))
#define SCOPED_CAPABILITY PORTCULLIS_THREAD_ATTRIBUTE(scoped_lockable)
#define GUARDED_BY(mutex) PORTCULLIS_THREAD_ATTRIBUTE(guarded_by(mutex))
#define REQUIRES(...) PORTCULLIS_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define EXCLUDES(...) PORTCULLIS_THREAD_ATTRIBUTE(locks_excluded(__VA_ARGS__))
#define ACQUIRE(...) PORTCULLIS_THREAD_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define RELEASE(...) PORTCULLIS_THREAD_ATTRIBUTE(release_capability(__VA_ARGS__))

namespace portcullis {

class CAPABILITY("mutex") Mutex {
 public:
  void lock() ACQUIRE() { mutex_.lock(); }
  void unlock() RELEASE() { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

/// Holds a `Mutex` for a scope. Works with `std::condition_variable_any` through `Mutex` itself.
class SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() RELEASE() { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace portcullis
