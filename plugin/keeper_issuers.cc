// The keeper's OIDC issuers: each is a feed of its own, and the keeper publishes what they bring.
#include <algorithm>
#include <utility>

#include "plugin/keeper.h"

namespace portcullis {

/// The feeds of `config`, in its order. One whose source did not change goes on as it is; a new one begins when the configuration is in
/// force, and nobody waits for it: an issuer that is down must not keep a reload from the others. A new file must be good here and now.
Result<void> Keeper::make_issuers(const Config& config, const Draft* before, Draft& draft) {
  std::vector<std::shared_ptr<IssuerFeed>> known;
  if (before != nullptr) known = before->issuers;
  if (candidate_) known.insert(known.end(), candidate_->draft.issuers.begin(), candidate_->draft.issuers.end());
  for (const OidcIssuerConfig& issuer : config.bearer.oidc) {
    const auto same =
        std::find_if(known.begin(), known.end(), [&issuer](const std::shared_ptr<IssuerFeed>& feed) { return feed->serves(issuer); });
    if (same != known.end()) {
      draft.issuers.push_back(*same);
      known.erase(same);
      continue;
    }
    auto feed = IssuerFeed::make({.http = world_ ? &world_->http : nullptr,
                                  .entropy = world_ ? &world_->entropy : nullptr,
                                  .files = setup_.files,
                                  .clock = setup_.clock,
                                  .log = setup_.log,
                                  .wake = [this] { wake(); }},
                                 issuer, config.keys);
    if (!feed) return feed.error();
    (*feed)->read_file(++generations_);
    if (before != nullptr && (*feed)->state().last_error && !(*feed)->watched_files().empty()) return *(*feed)->state().last_error;
    draft.issuers.push_back(std::move(*feed));
  }
  return {};
}

/// What is configured of the issuers that stay is in force; those that went are kept until their round has ended.
void Keeper::retire_issuers(const Draft& former) {
  for (std::size_t i = 0; i < draft_.issuers.size(); ++i) draft_.issuers[i]->adopt(draft_.config.bearer.oidc[i], draft_.config.keys);
  for (const std::shared_ptr<IssuerFeed>& feed : former.issuers) {
    const bool stays = std::find(draft_.issuers.begin(), draft_.issuers.end(), feed) != draft_.issuers.end();
    if (!stays && feed->busy()) retired_issuers_.push_back(feed);
  }
}

/// Whether there is something to publish.
bool Keeper::begin_issuer_rounds(SteadyPoint now) {
  bool changed = false;
  for (const std::shared_ptr<IssuerFeed>& feed : draft_.issuers) changed = feed->begin_due(now, ++generations_) || changed;
  return changed;
}

void Keeper::take_issuer_rounds() {
  std::vector<std::shared_ptr<IssuerFeed>> ended;
  for (const std::shared_ptr<IssuerFeed>& feed : draft_.issuers)
    if (feed->take(++generations_)) ended.push_back(feed);
  if (ended.empty()) return;
  publish();
  report_status();
  for (const std::shared_ptr<IssuerFeed>& feed : ended) {
    feed->released();
    if (setup_.room != nullptr) setup_.room->wake_source(feed->name());
  }
}

/// Issuers whose keys stand in `file` read it again.
void Keeper::mark_issuers_of(const std::string& file) {
  for (const std::shared_ptr<IssuerFeed>& feed : draft_.issuers) {
    const std::vector<std::string> own = feed->watched_files();
    if (std::find(own.begin(), own.end(), file) != own.end()) feed->mark_changed();
  }
}

/// Issuers whose keys are files read them again: those were read before they were watched.
void Keeper::mark_issuer_files() {
  for (const std::shared_ptr<IssuerFeed>& feed : draft_.issuers)
    if (!feed->watched_files().empty()) feed->mark_changed();
}

/// Files whose change means that keys are to be read again.
std::vector<std::string> Keeper::key_files() const {
  std::vector<std::string> files;
  if (draft_.source != nullptr) files = draft_.source->watched_files();
  for (const std::shared_ptr<IssuerFeed>& feed : draft_.issuers) {
    std::vector<std::string> own = feed->watched_files();
    files.insert(files.end(), own.begin(), own.end());
  }
  return files;
}

}  // namespace portcullis
