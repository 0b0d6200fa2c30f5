// Who may wait suspended: a bounded number of requests, shared fairly among clients.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/mutex.h"

namespace portcullis {

/// Counts requests that wait. Safe from many threads.
class Admission {
 public:
  /// One place, given back when it goes. The admission outlives it.
  class Place {
   public:
    Place(Admission& admission, std::string client) : admission_(&admission), client_(std::move(client)) {}
    Place(Place&& other) noexcept : admission_(std::exchange(other.admission_, nullptr)), client_(std::move(other.client_)) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (admission_ != nullptr) admission_->leave(client_);
    }

   private:
    Admission* admission_;
    std::string client_;
  };

  /// `capacity` requests at once; of one client a quarter of that at most, but always one.
  explicit Admission(std::size_t capacity) : capacity_(capacity) {}

  /// A place for a request of `client`; nothing where all places, or the client's share of them, are taken, or after `close`. An empty
  /// `client` is nobody known: where clients cannot be told apart there is nobody to be fair to, and all places are for all.
  [[nodiscard]] std::optional<Place> enter(std::string client) EXCLUDES(mutex_);
  /// Nobody enters any more: the process is ending.
  void close() EXCLUDES(mutex_);
  /// Waits until nobody waits, at most for `time`. Whether that is so.
  [[nodiscard]] bool wait_until_empty(std::chrono::milliseconds time) EXCLUDES(mutex_);
  [[nodiscard]] std::size_t waiting() const EXCLUDES(mutex_);

 private:
  void leave(const std::string& client) EXCLUDES(mutex_);

  // set once
  const std::size_t capacity_;
  // guarded by mutex_
  mutable Mutex mutex_;
  std::condition_variable_any emptied_;
  bool closed_ GUARDED_BY(mutex_) = false;
  std::size_t waiting_ GUARDED_BY(mutex_) = 0;
  std::unordered_map<std::string, std::size_t> by_client_ GUARDED_BY(mutex_);
};

}  // namespace portcullis
