#include "plugin/admission.h"

#include <algorithm>

namespace portcullis {
namespace {

/// The part of all places that one client may hold.
constexpr std::size_t kShare = 4;

}  // namespace

std::optional<Admission::Place> Admission::enter(std::string client) {
  const MutexLock lock(mutex_);
  if (closed_ || waiting_ >= capacity_) return std::nullopt;
  std::size_t& held = by_client_[client];
  if (!client.empty() && held >= std::max<std::size_t>(1, capacity_ / kShare)) return std::nullopt;
  ++held;
  ++waiting_;
  return Place(*this, std::move(client));
}

void Admission::leave(const std::string& client) {
  const MutexLock lock(mutex_);
  const auto found = by_client_.find(client);
  if (found == by_client_.end()) return;
  if (--found->second == 0) by_client_.erase(found);
  if (--waiting_ == 0) emptied_.notify_all();
}

void Admission::close() {
  const MutexLock lock(mutex_);
  closed_ = true;
}

bool Admission::wait_until_empty(std::chrono::milliseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  const MutexLock lock(mutex_);
  while (waiting_ > 0 && emptied_.wait_until(mutex_, until) != std::cv_status::timeout) {
  }
  return waiting_ == 0;
}

std::size_t Admission::waiting() const {
  const MutexLock lock(mutex_);
  return waiting_;
}

}  // namespace portcullis
