// `portcullis.broker.pullSecrets`: what would be refused by the Kubernetes API is refused here.
#include <algorithm>

#include "config/read/nearest.h"
#include "config/read/sections.h"

namespace portcullis {
namespace {

bool is_small(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// RFC 1123 labels joined by dots; 253 bytes.
bool is_subdomain(std::string_view text) noexcept {
  if (text.empty() || text.size() > 253) return false;
  std::size_t start = 0;
  while (start <= text.size()) {
    const std::size_t end = std::min(text.find('.', start), text.size());
    const std::string_view label = text.substr(start, end - start);
    if (label.empty() || !is_small(label.front()) || !is_small(label.back()) ||
        !std::all_of(label.begin(), label.end(), [](char c) { return is_small(c) || c == '-'; })) {
      return false;
    }
    start = end + 1;
  }
  return true;
}

bool is_namespace(std::string_view text) noexcept {
  return text.size() <= 63 && text.find('.') == std::string_view::npos && is_subdomain(text);
}

/// A label's value, or the name in its key: 63 bytes (Kubernetes, "Labels and Selectors").
bool is_label_word(std::string_view text) noexcept {
  const auto outer = [](char c) { return is_small(c) || (c >= 'A' && c <= 'Z'); };
  return text.size() <= 63 && !text.empty() && outer(text.front()) && outer(text.back()) &&
         std::all_of(text.begin(), text.end(), [outer](char c) { return outer(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_label_key(std::string_view text) noexcept {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return is_label_word(text);
  return is_subdomain(text.substr(0, slash)) && is_label_word(text.substr(slash + 1));
}

bool is_label_value(std::string_view text) noexcept { return text.empty() || is_label_word(text); }

std::map<std::string, std::string> read_labels(Section& secret, std::string_view name, bool values_are_labels) {
  auto labels = secret.texts_by_name(name).value_or(std::map<std::string, std::string>());
  for (const auto& [key, value] : labels) {
    if (!is_label_key(key)) secret.error(name, in_quotes(key) + " is no label key such as \"team\" or \"example.com/team\"");
    if (values_are_labels && !is_label_value(value))
      secret.error(name, in_quotes(value) + " is no label value: 63 characters at most, of A-Z a-z 0-9 - _ .");
  }
  return labels;
}

void read_requirements(Section& secret, PullSecretConfig& config) {
  secret.objects("matchExpressions", [&](Section& expression, std::size_t) {
    LabelRequirement read;
    read.key = expression.required_text("key", "a requirement needs the key of a label").value_or("");
    if (!read.key.empty() && !is_label_key(read.key)) expression.error("key", in_quotes(read.key) + " is no label key");
    const auto word = expression.word("operator", {"In", "NotIn", "Exists", "DoesNotExist"});
    if (expression.present() && !expression.has("operator")) expression.error("operator", "must be In, NotIn, Exists or DoesNotExist");
    if (word == "In") read.op = LabelRequirement::Operator::in;
    if (word == "NotIn") read.op = LabelRequirement::Operator::not_in;
    if (word == "DoesNotExist") read.op = LabelRequirement::Operator::does_not_exist;
    read.values = expression.texts("values").value_or(std::vector<std::string>());
    const bool compares = word == "In" || word == "NotIn";
    if (compares && read.values.empty()) expression.error("values", "must name a value at least: " + *word + " compares");
    if (word && !compares && expression.has("values")) expression.error("values", "do not go with " + *word);
    for (const std::string& value : read.values)
      if (!is_label_value(value)) expression.error("values", in_quotes(value) + " is no label value");
    config.match_expressions.push_back(std::move(read));
  });
}

void read_generated(Section& secret, PullSecretConfig& config) {
  secret.objects("secrets", [&](Section& generated, std::size_t) {
    GeneratedSecretConfig read;
    read.name = generated.required_text("name", "a secret needs a name").value_or("");
    if (!read.name.empty() && !is_subdomain(read.name))
      generated.error("name", in_quotes(read.name) + " is no name of a secret: small letters, digits, - and .");
    const auto type = generated.word("type", {"docker", "generic"});
    if (type == "generic") read.type = GeneratedSecretConfig::Type::generic;
    if (read.type == GeneratedSecretConfig::Type::generic && config.registries.size() > 1)
      generated.error("type", "generic holds one user and token, and this pull secret names several registries");
    const bool again = std::any_of(config.secrets.begin(), config.secrets.end(),
                                   [&read](const GeneratedSecretConfig& other) { return other.name == read.name; });
    if (again && !read.name.empty()) generated.error("name", in_quotes(read.name) + " stands there twice");
    config.secrets.push_back(std::move(read));
  });
  if (secret.present() && config.secrets.empty()) secret.error("secrets", "must name a secret at least: [{\"name\": …}]");
}

void read_kubernetes(Section& secret, PullSecretConfig& config) {
  config.kubernetes = secret.boolean("kubernetes").value_or(false);
  config.namespaces = secret.texts("namespaces").value_or(std::vector<std::string>());
  for (const std::string& name : config.namespaces)
    if (!is_namespace(name)) secret.error("namespaces", in_quotes(name) + " is no name of a namespace");
  config.match_labels = read_labels(secret, "matchLabels", true);
  read_requirements(secret, config);
  // An empty selector picks every namespace in Kubernetes' own files, and would pick none here.
  const bool selects = !config.namespaces.empty() || !config.match_labels.empty() || !config.match_expressions.empty();
  if (config.kubernetes && !selects)
    secret.error("namespaces", "must be given, or matchLabels, or matchExpressions: where the secret goes; an empty one picks nothing");
  if (config.kubernetes) return;
  for (const std::string_view name : {"namespaces", "matchLabels", "matchExpressions"})
    if (secret.has(name)) secret.error(name, "belongs to the Kubernetes API: set kubernetes to true");
}

/// Two owners of one file would take turns at it.
void check_files(Section& secret, const PullSecretConfig& config, const BrokerConfig& broker) {
  if (!config.folder) return;
  for (const PullSecretConfig& other : broker.pull_secrets) {
    if (other.folder != config.folder) continue;
    for (const GeneratedSecretConfig& mine : config.secrets) {
      const bool taken = std::any_of(other.secrets.begin(), other.secrets.end(),
                                     [&mine](const GeneratedSecretConfig& theirs) { return theirs.name == mine.name; });
      if (taken) secret.error("secrets", in_quotes(mine.name) + " is written to the same folder by " + in_quotes(other.name));
    }
  }
}

PullSecretConfig read_pull_secret(Section& secret, const BrokerConfig& broker) {
  PullSecretConfig config;
  config.name = secret.required_text("name", "a pull secret needs a name").value_or("");
  if (!config.name.empty() && !is_label_word(config.name))
    secret.error("name", in_quotes(config.name) + " is no label value, and it labels what is made");
  const auto named = secret.texts("registries");
  config.registries = named.value_or(std::vector<std::string>());
  for (std::string& host : config.registries) host = lower_case(host);
  check_known_registries(secret, "registries", config.registries, broker);
  if (secret.present() && config.registries.empty() && (named || !secret.has("registries")))
    secret.error("registries", "must name a registry at least: a host of registries");
  read_generated(secret, config);
  config.folder = secret.file("folder");
  read_kubernetes(secret, config);
  config.labels = read_labels(secret, "labels", true);
  config.annotations = read_labels(secret, "annotations", false);
  config.refresh_time = secret.duration("refreshTime", defaults::kRefreshTimeBounds);
  check_files(secret, config, broker);
  return config;
}

}  // namespace

void read_pull_secrets(Section& broker, BrokerConfig& config) {
  broker.objects("pullSecrets", [&](Section& secret, std::size_t) {
    PullSecretConfig read = read_pull_secret(secret, config);
    const bool again = std::any_of(config.pull_secrets.begin(), config.pull_secrets.end(),
                                   [&read](const PullSecretConfig& other) { return other.name == read.name; });
    if (again && !read.name.empty()) secret.error("name", in_quotes(read.name) + " stands there twice");
    config.pull_secrets.push_back(std::move(read));
  });
}

}  // namespace portcullis
