#include "tests/fake_kube/access.h"

#include <algorithm>

namespace portcullis::fake_kube {
namespace {

bool holds(const std::vector<std::string>& list, const std::string& word) {
  return std::any_of(list.begin(), list.end(), [&](const std::string& one) { return one == "*" || one == word; });
}

std::vector<std::string> read_words(const json_t* list) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < json_array_size(list); ++i) {
    if (const char* word = json_string_value(json_array_get(list, i)); word != nullptr) words.emplace_back(word);
  }
  return words;
}

}  // namespace

bool may(const User& user, const AccessQuestion& question) {
  return std::any_of(user.rules.begin(), user.rules.end(), [&](const AccessRule& rule) {
    return holds(rule.verbs, question.verb) && holds(rule.resources, question.resource) && (!rule.space || *rule.space == question.space);
  });
}

std::string forbidden_text(const User& user, const AccessQuestion& question) {
  return question.resource + " is forbidden: User \"" + user.name + "\" cannot " + question.verb + " resource \"" + question.resource +
         "\" in API group \"\" " + (question.space.empty() ? "at the cluster scope" : "in the namespace \"" + question.space + "\"");
}

std::optional<User> read_user(const json_t* entry) {
  User user{.token = text_at(entry, {"token"}), .name = text_at(entry, {"name"}), .rules = {}};
  if (user.token.empty() || user.name.empty()) return std::nullopt;
  const json_t* rules = json_object_get(entry, "rules");
  for (std::size_t i = 0; i < json_array_size(rules); ++i) {
    const json_t* rule = json_array_get(rules, i);
    AccessRule one{
        .verbs = read_words(json_object_get(rule, "verbs")), .resources = read_words(json_object_get(rule, "resources")), .space = {}};
    if (const std::string space = text_at(rule, {"namespace"}); !space.empty()) one.space = space;
    if (one.verbs.empty() || one.resources.empty()) return std::nullopt;
    user.rules.push_back(std::move(one));
  }
  return user;
}

}  // namespace portcullis::fake_kube
