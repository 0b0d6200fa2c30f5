// Asks the registry whether a tag exists, so that a push needs create or update alone (`registry.tagLookup`): off the request threads, with
// the gate's own credential.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/io/files.h"
#include "base/io/http.h"
#include "base/mutex.h"
#include "config/operations.h"
#include "plugin/admission.h"
#include "plugin/worker_pool.h"
#include "policy/request_facts.h"

namespace portcullis {

/// What is asked for one request.
struct TagQuestion {
  RegistryConfig registry;
  std::string repository;  ///< passed the grammar
  std::vector<std::string> tags;
};

/// Advisory: a push that races another can still overwrite. Safe from many threads.
class TagLookup {
 public:
  /// All tags of one request together.
  static constexpr std::chrono::milliseconds kTimeout{2000};
  /// More tags than this are not asked for.
  static constexpr std::size_t kMostTags = 8;
  /// How long it is remembered that a tag exists. That one does not is never remembered.
  static constexpr std::chrono::milliseconds kRemembered{1000};
  static constexpr std::size_t kMostRemembered = 4096;
  /// How long it is believed that there is a registry at the URL, without which a 404 says nothing.
  static constexpr std::chrono::milliseconds kRegistryBelieved{60'000};

  using Done = std::function<void(std::vector<TagFact>)>;

  /// `http` may be null, then nothing is known of any tag. The references outlive the look-up.
  TagLookup(HttpTransport* http, const Files& files, const Clock& clock, unsigned threads, std::size_t places);
  TagLookup(const TagLookup&) = delete;
  TagLookup& operator=(const TagLookup&) = delete;
  /// `stop`, then waits for calls under way.
  ~TagLookup();

  /// Who may wait for it.
  [[nodiscard]] Admission& admission() noexcept { return admission_; }
  /// Asks on one of the threads and hands what the registry said to `done`, once: a tag that it said nothing of is not there. `done` does
  /// not throw; where there is no memory to take the question `submit` does, and `done` is not called.
  void submit(TagQuestion question, Done done);
  /// The same on the calling thread, for at most `kTimeout` from `begin`.
  std::vector<TagFact> ask(const TagQuestion& question, SteadyPoint begin) EXCLUDES(mutex_);
  /// The process is ending: nobody enters any more, and calls under way are given up.
  void stop();

 private:
  enum class Found { yes, no, unknown };

  Found look_up(const TagQuestion& question, const std::string& tag, const std::string& token, SteadyPoint deadline) EXCLUDES(mutex_);
  bool is_registry(const TagQuestion& question, const std::string& token, SteadyPoint deadline) EXCLUDES(mutex_);
  int status_of(OutgoingRequest request, const std::string& token, SteadyPoint deadline);
  bool remembers(const std::string& key) EXCLUDES(mutex_);
  void remember(const std::string& key, std::chrono::milliseconds time) EXCLUDES(mutex_);

  // set once
  HttpTransport* const http_;
  const Files& files_;
  const Clock& clock_;
  // locks itself
  Admission admission_;
  std::atomic<bool> stopping_{false};
  // guarded by mutex_
  Mutex mutex_;
  std::map<std::string, SteadyPoint> remembered_ GUARDED_BY(mutex_);  ///< URLs, and until when
  // locks itself; last, so that its threads end first
  WorkerPool pool_;
};

}  // namespace portcullis
