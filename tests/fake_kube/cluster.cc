#include "tests/fake_kube/cluster.h"

#include <algorithm>

#include "tests/fake_kube/call.h"

namespace portcullis::fake_kube {
namespace {

Answer as_answer(const Reply& reply) {
  return {.status = reply.status, .headers = {{"Content-Type", "application/json"}}, .body = dump(reply.body.get()) + "\n"};
}

Json done() { return parse(R"({"ok":true})"); }

}  // namespace

const User* Cluster::authenticate(const Request& request) const {
  const std::string given = request.one("authorization").value_or("");
  const auto found = std::find_if(users_.begin(), users_.end(), [&](const User& user) { return given == "Bearer " + user.token; });
  return found == users_.end() ? nullptr : &*found;
}

const KubeFault* Cluster::take_fault(const AccessQuestion& question) {
  for (KubeFault& fault : faults_) {
    const bool meant =
        (fault.verb.empty() || fault.verb == question.verb) && (fault.resource.empty() || fault.resource == question.resource);
    if (meant && fault.times-- > 0) return &fault;
  }
  return nullptr;
}

Reply Cluster::answer(const Request& request) {
  const User* user = authenticate(request);
  if (user == nullptr) return refuse(401, "Unauthorized", "Unauthorized");
  if (auto found = discover(request.path)) return *std::move(found);
  const auto call = read_call(request);
  if (!call) return refuse(404, "NotFound", "the server could not find the requested resource");
  ++calls_[{call->question.verb, call->question.resource}];
  if (const KubeFault* fault = take_fault(call->question); fault != nullptr) return refuse(fault->status, "InternalError", fault->message);
  if (!may(*user, call->question)) return refuse(403, "Forbidden", forbidden_text(*user, call->question));
  return in_accepted_form(run_call(store_, *call, request), request.one("accept").value_or(""));
}

Answer Cluster::serve(const Request& request) {
  const std::lock_guard lock(mutex_);
  return as_answer(answer(request));
}

Reply Cluster::counts() const {
  Json counts = new_object();
  for (const auto& [call, times] : calls_) json_object_set_new(counts.get(), (call.first + " " + call.second).c_str(), json_integer(times));
  return {.body = std::move(counts)};
}

Reply Cluster::command(const json_t* wishes) {
  if (const json_t* entry = json_object_get(wishes, "user"); entry != nullptr) {
    auto user = read_user(entry);
    if (!user) return refuse(400, "BadRequest", "not a user");
    users_.push_back(*std::move(user));
  }
  if (const std::string token = text_at(wishes, {"removeToken"}); !token.empty()) {
    std::erase_if(users_, [&](const User& user) { return user.token == token; });
  }
  if (const json_t* fault = json_object_get(wishes, "fault"); fault != nullptr) {
    const json_t* times = json_object_get(fault, "times");
    faults_.push_back({.verb = text_at(fault, {"verb"}),
                       .resource = text_at(fault, {"resource"}),
                       .status = static_cast<int>(json_integer_value(json_object_get(fault, "status"))),
                       .message = text_at(fault, {"message"}),
                       .times = times == nullptr ? 1 : static_cast<int>(json_integer_value(times))});
  }
  if (const std::string space = text_at(wishes, {"holdDeletion"}); !space.empty()) return store_.hold_deletion(space);
  return {.body = done()};
}

Answer Cluster::control(const Request& request) {
  const std::lock_guard lock(mutex_);
  if (request.path == "/control/calls") return as_answer(counts());
  const Json wishes = parse(request.body);
  if (request.path != "/control" || !json_is_object(wishes.get())) return as_answer(refuse(404, "NotFound", "POST an object to /control"));
  return as_answer(command(wishes.get()));
}

void Cluster::add_user(User user) {
  const std::lock_guard lock(mutex_);
  users_.push_back(std::move(user));
}

void Cluster::remove_token(const std::string& token) {
  const std::lock_guard lock(mutex_);
  std::erase_if(users_, [&](const User& user) { return user.token == token; });
}

void Cluster::add_fault(KubeFault fault) {
  const std::lock_guard lock(mutex_);
  faults_.push_back(std::move(fault));
}

void Cluster::add_namespace(const std::string& name, const std::map<std::string, std::string>& labels) {
  const std::lock_guard lock(mutex_);
  Json object = parse(R"({"kind":"Namespace","apiVersion":"v1","status":{"phase":"Active"}})");
  put_at(object.get(), {"metadata", "name"}, Json(json_string(name.c_str())).get());
  for (const auto& [key, value] : labels) put_at(object.get(), {"metadata", "labels", key}, Json(json_string(value.c_str())).get());
  (void)store_.create({"namespaces", "", ""}, std::move(object), {.manager = "test"});
}

void Cluster::label_namespace(const std::string& name, const std::string& key, const std::string& value) {
  const std::lock_guard lock(mutex_);
  const Json patch = new_object();
  put_at(patch.get(), {"metadata", "labels", key}, Json(value.empty() ? json_null() : json_string(value.c_str())).get());
  (void)store_.merge({"namespaces", "", name}, patch.get(), {.manager = "test"});
}

void Cluster::hold_deletion(const std::string& name) {
  const std::lock_guard lock(mutex_);
  (void)store_.hold_deletion(name);
}

void Cluster::add_secret(const std::string& space, const std::string& text) {
  const std::lock_guard lock(mutex_);
  (void)store_.create({"secrets", space, ""}, parse(text), {.manager = "somebody"});
}

std::string Cluster::object(const ObjectKey& key) const {
  const std::lock_guard lock(mutex_);
  const Reply found = store_.get(key);
  return is_refusal(found) ? "" : dump(found.body.get());
}

void Cluster::remove(const ObjectKey& key) {
  const std::lock_guard lock(mutex_);
  (void)store_.remove(key, nullptr);
}

std::vector<std::string> Cluster::secrets_in(const std::string& space) const {
  const std::lock_guard lock(mutex_);
  const Reply list = store_.list("secrets", space, {});
  std::vector<std::string> names;
  const json_t* items = json_object_get(list.body.get(), "items");
  for (std::size_t i = 0; i < json_array_size(items); ++i) names.push_back(text_at(json_array_get(items, i), {"metadata", "name"}));
  return names;
}

int Cluster::calls(const std::string& verb, const std::string& resource) const {
  const std::lock_guard lock(mutex_);
  int count = 0;
  for (const auto& [call, times] : calls_) {
    if ((verb.empty() || call.first == verb) && (resource.empty() || call.second == resource)) count += times;
  }
  return count;
}

Result<void> fill_cluster(Cluster& cluster, const std::string& text) {
  const Json world = parse(text);
  if (world == nullptr) return Error{Reason::json_malformed, "the world is no JSON"};
  const json_t* users = json_object_get(world.get(), "users");
  for (std::size_t i = 0; i < json_array_size(users); ++i) {
    auto user = read_user(json_array_get(users, i));
    if (!user) return Error{Reason::json_malformed, "users[" + std::to_string(i) + "] is none"};
    cluster.add_user(*std::move(user));
  }
  const json_t* spaces = json_object_get(world.get(), "namespaces");
  for (std::size_t i = 0; i < json_array_size(spaces); ++i) {
    const json_t* space = json_array_get(spaces, i);
    cluster.add_namespace(text_at(space, {"name"}), texts_at(space, {"labels"}));
  }
  return {};
}

}  // namespace portcullis::fake_kube
