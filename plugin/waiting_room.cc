#include "plugin/waiting_room.h"

#include <algorithm>
#include <utility>

namespace portcullis {

void WaitingRoom::add(std::function<void()> wake, SteadyPoint deadline, std::string source) {
  {
    const MutexLock lock(mutex_);
    if (!closed_) {
      guests_.push_back({std::move(wake), deadline, std::move(source)});
      return;
    }
  }
  wake();
}

void WaitingRoom::wake_all() {
  std::vector<Guest> leaving;
  {
    const MutexLock lock(mutex_);
    leaving.swap(guests_);
  }
  for (const Guest& guest : leaving) guest.wake();
}

void WaitingRoom::wake_source(std::string_view source) {
  std::vector<Guest> leaving;
  {
    const MutexLock lock(mutex_);
    leaving.reserve(guests_.size());  // nobody is lost half-way
    const auto other = std::partition(guests_.begin(), guests_.end(), [source](const Guest& guest) { return guest.source != source; });
    std::move(other, guests_.end(), std::back_inserter(leaving));
    guests_.erase(other, guests_.end());
  }
  for (const Guest& guest : leaving) guest.wake();
}

std::optional<SteadyPoint> WaitingRoom::wake_due(SteadyPoint now) {
  std::vector<Guest> leaving;
  std::optional<SteadyPoint> next;
  {
    const MutexLock lock(mutex_);
    leaving.reserve(guests_.size());
    const auto due = std::partition(guests_.begin(), guests_.end(), [now](const Guest& guest) { return guest.deadline > now; });
    std::move(due, guests_.end(), std::back_inserter(leaving));
    guests_.erase(due, guests_.end());
    for (const Guest& guest : guests_) next = next ? std::min(*next, guest.deadline) : guest.deadline;
  }
  for (const Guest& guest : leaving) guest.wake();
  return next;
}

void WaitingRoom::close() {
  {
    const MutexLock lock(mutex_);
    closed_ = true;
  }
  wake_all();
}

}  // namespace portcullis
