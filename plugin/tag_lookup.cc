#include "plugin/tag_lookup.h"

#include <optional>
#include <string_view>

namespace portcullis {
namespace {

constexpr std::size_t kTokenBytes = 64UL * 1024;
/// Every type that a tag may stand for: a registry answers 404 for one that the client does not take.
constexpr std::string_view kManifestTypes =
    "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, application/vnd.oci.artifact.manifest.v1+json, "
    "application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.docker.distribution.manifest.v1+json, application/vnd.docker.distribution.manifest.v1+prettyjws, */*";
constexpr int kNoAnswer = 0;

std::string base_of(const TagQuestion& question) {
  std::string base = question.registry.url.value_or("");
  while (base.ends_with('/')) base.pop_back();
  return base + "/v2/";
}

/// The file's one word; nothing where it cannot be a header's value.
std::optional<std::string> read_token(const Files& files, const RegistryConfig& registry) {
  if (!registry.token_file) return std::string();
  const Result<std::string> text = files.read(*registry.token_file, kTokenBytes);
  if (!text.ok()) return std::nullopt;
  std::string_view word = *text;
  while (!word.empty() && (word.back() == '\n' || word.back() == '\r' || word.back() == ' ')) word.remove_suffix(1);
  for (const char c : word)
    if (c <= ' ' || c > '~') return std::nullopt;
  return std::string(word);
}

}  // namespace

TagLookup::TagLookup(HttpTransport* http, const Files& files, const Clock& clock, unsigned threads, std::size_t places)
    : http_(http), files_(files), clock_(clock), admission_(places), pool_(threads) {}

TagLookup::~TagLookup() { stop(); }

void TagLookup::stop() {
  admission_.close();
  stopping_ = true;
}

void TagLookup::submit(TagQuestion question, Done done) {
  const SteadyPoint begin = clock_.steady_now();
  pool_.submit([this, question = std::move(question), done = std::move(done), begin] {
    std::vector<TagFact> facts;
    try {
      facts = ask(question, begin);
    } catch (...) {
      // Out of memory: nothing is known of any tag.
    }
    done(std::move(facts));
  });
}

std::vector<TagFact> TagLookup::ask(const TagQuestion& question, SteadyPoint begin) {
  std::vector<TagFact> facts;
  if (http_ == nullptr || !question.registry.url || question.tags.size() > kMostTags) return facts;
  const SteadyPoint deadline = begin + kTimeout;
  const std::optional<std::string> token = read_token(files_, question.registry);
  if (!token) return facts;
  for (const std::string& tag : question.tags) {
    const Found found = look_up(question, tag, *token, deadline);
    if (found != Found::unknown) facts.push_back({tag, found == Found::yes});
  }
  return facts;
}

TagLookup::Found TagLookup::look_up(const TagQuestion& question, const std::string& tag, const std::string& token, SteadyPoint deadline) {
  const std::string url = base_of(question) + question.repository + "/manifests/" + tag;
  if (remembers(url)) return Found::yes;
  OutgoingRequest request;
  request.method = "HEAD";
  request.url = url;
  request.headers.emplace_back("Accept", kManifestTypes);
  const int status = status_of(std::move(request), token, deadline);
  if (status == 200) {
    remember(url, kRemembered);
    return Found::yes;
  }
  // A wrong URL answers 404 as well, and would let everything be overwritten by whoever may create.
  return status == 404 && is_registry(question, token, deadline) ? Found::no : Found::unknown;
}

bool TagLookup::is_registry(const TagQuestion& question, const std::string& token, SteadyPoint deadline) {
  const std::string url = base_of(question);
  if (remembers(url)) return true;
  OutgoingRequest request;
  request.method = "GET";
  request.url = url;
  if (status_of(std::move(request), token, deadline) != 200) return false;
  remember(url, kRegistryBelieved);
  return true;
}

int TagLookup::status_of(OutgoingRequest request, const std::string& token, SteadyPoint deadline) {
  const auto left = std::chrono::floor<std::chrono::milliseconds>(deadline - clock_.steady_now());
  if (left.count() <= 0 || stopping_) return kNoAnswer;
  if (!token.empty()) request.headers.emplace_back("Authorization", "Bearer " + token);
  request.connect_timeout = request.timeout = left;
  request.reachable = ReachableHosts::with_plain_http;
  request.stop = &stopping_;
  const Result<IncomingAnswer> answer = http_->send(request);
  return answer.ok() ? answer->status : kNoAnswer;
}

bool TagLookup::remembers(const std::string& key) {
  const SteadyPoint now = clock_.steady_now();
  const MutexLock lock(mutex_);
  const auto found = remembered_.find(key);
  if (found == remembered_.end()) return false;
  if (now < found->second) return true;
  remembered_.erase(found);
  return false;
}

void TagLookup::remember(const std::string& key, std::chrono::milliseconds time) {
  const SteadyPoint now = clock_.steady_now();
  const MutexLock lock(mutex_);
  if (remembered_.size() >= kMostRemembered) std::erase_if(remembered_, [now](const auto& entry) { return entry.second <= now; });
  if (remembered_.size() < kMostRemembered) remembered_[key] = now + time;
}

}  // namespace portcullis
