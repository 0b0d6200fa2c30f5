#include "policy/condition.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/codec/utf8.h"
#include "config/read/nearest.h"
#include "policy/cel/parse/faults.h"

namespace portcullis {
namespace {

using cel::Value;

constexpr std::string_view kRequest = "req";

/// In the order of the bits.
enum class Field : std::uint8_t {
  time,
  method,
  user_agent,
  action,
  repository,
  reference,
  reference_type,
  tag,
  digest,
  user,
  auth,
  client,
  tls,
  claims,
};
constexpr std::array<std::string_view, 14> kNames = {"time", "method", "userAgent", "action", "repository", "reference", "referenceType",
                                                     "tag",  "digest", "user",      "auth",   "client",     "tls",       "claims"};

constexpr RequestFields bit_of(Field field) noexcept { return RequestFields{1} << static_cast<unsigned>(field); }

/// What is read outlives the values that show it.
Value text(std::string_view view) { return Value::view(view); }

/// A header's bytes: what is no UTF-8 becomes `?`, because a CEL string is text.
Value header_text(std::string_view bytes) {
  if (is_utf8(bytes)) return text(bytes);
  std::string out;
  while (!bytes.empty()) {
    const std::size_t length = utf8_sequence_length(bytes);
    out.append(length == 0 ? std::string_view("?") : bytes.substr(0, length));
    bytes.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return Value::of(out);
}

Value object(std::initializer_list<std::pair<std::string_view, Value>> members) {
  cel::Map map;
  for (const auto& [name, value] : members) map.emplace_back(text(name), value);
  return Value::of(std::move(map));
}

bool same_name(std::string_view left, std::string_view right) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (lower(left[i]) != lower(right[i])) return false;
  }
  return true;
}

/// Of several headers the first counts.
std::string_view user_agent(const RequestFacts& facts) noexcept {
  for (const auto& [name, value] : facts.headers) {
    if (same_name(name, "User-Agent")) return value;
  }
  return {};
}

std::string_view trimmed(std::string_view part) noexcept {
  while (!part.empty() && (part.front() == ' ' || part.front() == '\t')) part.remove_prefix(1);
  while (!part.empty() && (part.back() == ' ' || part.back() == '\t')) part.remove_suffix(1);
  return part;
}

/// All `X-Forwarded-For` lines cut at commas, from left to right; what the client made up stands there too.
Value forwarded_for(const RequestFacts& facts) {
  cel::List all;
  for (const auto& [name, value] : facts.headers) {
    if (!same_name(name, "X-Forwarded-For")) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const std::size_t comma = rest.find(',');
      const std::string_view one = trimmed(rest.substr(0, comma));
      if (!one.empty()) all.push_back(header_text(one));
      rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    }
  }
  return Value::of(std::move(all));
}

Value user(const RequestView& view) {
  cel::List groups;
  for (const std::string& group : view.groups) groups.push_back(text(group));
  for (const std::string_view group : view.members) groups.push_back(text(group));
  return object({{"username", text(view.username)}, {"groups", Value::of(std::move(groups))}});
}

Value time_of(TimePoint now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  const auto nanos = std::chrono::duration_cast<std::chrono::nanoseconds>(now - seconds);
  return Value::of(cel::Timestamp{seconds.time_since_epoch().count(), static_cast<std::int32_t>(nanos.count())});
}

bool names_digest(const RequestView& view) noexcept { return view.is_blob || view.reference.find(':') != std::string_view::npos; }

std::string_view reference_type(const RequestView& view) noexcept {
  if (names_digest(view)) return "digest";
  return view.reference.empty() ? "" : "tag";
}

Value value_of(Field field, const RequestView& view, const RequestFacts& facts) {
  switch (field) {
    case Field::time: return time_of(view.now);
    case Field::method: return header_text(facts.method);
    case Field::user_agent: return header_text(user_agent(facts));
    case Field::action: return text(action_name(view.action));
    case Field::repository: return text(view.repository);
    case Field::reference: return text(view.reference);
    case Field::reference_type: return text(reference_type(view));
    case Field::tag: return text(names_digest(view) ? std::string_view() : view.reference);
    case Field::digest: return text(names_digest(view) ? view.reference : std::string_view());
    case Field::user: return user(view);
    case Field::auth: return object({{"anonymous", Value::of(view.username.empty())}, {"admin", Value::of(view.admin)}});
    case Field::client:
      // Never the peer in its place: that is the proxy, whose network a policy may trust.
      return object({{"ip", header_text(facts.client)}, {"peer", text(facts.peer)}, {"forwardedFor", forwarded_for(facts)}});
    // Which version of TLS it was, no proxy says.
    case Field::tls: return object({{"enabled", Value::of(same_name(facts.scheme, "https"))}, {"version", text("")}});
    case Field::claims: return view.claims != nullptr ? view.claims->borrow() : Value::of(cel::Map());
  }
  return {};
}

/// Members of a member of `req`; nothing where it has whatever the token has.
std::optional<std::vector<std::string>> members_of(Field field) {
  switch (field) {
    case Field::user: return std::vector<std::string>{"username", "groups"};
    case Field::auth: return std::vector<std::string>{"anonymous", "admin"};
    case Field::client: return std::vector<std::string>{"ip", "peer", "forwardedFor"};
    case Field::tls: return std::vector<std::string>{"enabled", "version"};
    case Field::claims: return std::nullopt;
    case Field::time:
    case Field::method:
    case Field::user_agent:
    case Field::action:
    case Field::repository:
    case Field::reference:
    case Field::reference_type:
    case Field::tag:
    case Field::digest: break;
  }
  return std::vector<std::string>();
}

std::string not_there(std::string_view whole, const std::string& name, const std::vector<std::string>& known) {
  std::string text = std::string(whole) + " has no member " + name;
  if (const auto meant = nearest(name, known)) return text + "; did you mean \"" + *meant + "\"?";
  return text + (known.empty() ? "; it is no map" : "");
}

/// What is wrong with the names of `read`.
std::optional<std::string> unknown_member(const cel::MemberRead& read) {
  const auto* const found = std::find(kNames.begin(), kNames.end(), read.field);
  if (found == kNames.end()) return not_there(kRequest, read.field, {kNames.begin(), kNames.end()});
  const auto members = members_of(static_cast<Field>(found - kNames.begin()));
  if (read.inner.empty() || !members || std::find(members->begin(), members->end(), read.inner) != members->end()) return std::nullopt;
  return not_there(std::string(kRequest) + "." + read.field, read.inner, *members);
}

cel::Type request_type() {
  return {.kind = cel::Kind::map, .parameters = {{.kind = cel::Kind::string, .parameters = {}, .name = {}}, {}}, .name = {}};
}

}  // namespace

std::string_view action_name(Action action) noexcept {
  switch (action) {
    case Action::none: return "none";
    case Action::read: return "read";
    case Action::create: return "create";
    case Action::update: return "update";
    case Action::create_or_update: return "create or update";
    case Action::delete_: return "delete";
  }
  return "none";
}

Result<Condition> compile_condition(std::string_view expression, std::string message) {
  cel::Environment environment;
  environment.variables.push_back({std::string(kRequest), request_type()});
  auto compiled = cel::Expression::compile(expression, environment);
  if (!compiled) return std::move(compiled).error();
  const cel::Kind kind = compiled->type().kind;
  if (kind != cel::Kind::boolean && kind != cel::Kind::dyn) {
    return Error{Reason::compile_error, "a condition is true or false, and this is " + cel::type_name(compiled->type()) + ": '" +
                                            std::string(expression) + "'; compare it with something"};
  }
  RequestFields fields = 0;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (compiled->reads(kRequest, kNames[i])) fields |= bit_of(static_cast<Field>(i));
  }
  return Condition{std::move(compiled).value(), std::move(message), fields};
}

std::vector<std::string> unknown_members(const Condition& condition) {
  std::vector<std::string> notes;
  for (const cel::MemberRead& read : condition.expression.members_read(kRequest)) {
    const auto note = unknown_member(read);
    if (!note) continue;
    cel::Faults place(condition.expression.source());
    place.add(read.offset, *note);
    std::string text = place.error().detail;
    constexpr std::string_view severity = "ERROR: ";
    if (text.starts_with(severity)) text.erase(0, severity.size());
    notes.push_back(std::move(text));
  }
  return notes;
}

bool reads_unnamed_claims(const Condition& condition) {
  return reads_claims(condition.fields) && !condition.expression.reads_below(kRequest, kNames[static_cast<std::size_t>(Field::claims)]);
}

bool reads_claims(RequestFields fields) noexcept { return (fields & bit_of(Field::claims)) != 0; }

bool reads_time(RequestFields fields) noexcept { return (fields & bit_of(Field::time)) != 0; }

const cel::Bindings& RequestValues::with(RequestFields fields) {
  if (bindings_ && (fields & ~made_) == 0) return *bindings_;
  made_ |= fields;
  cel::Map members;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    const auto field = static_cast<Field>(i);
    if ((made_ & bit_of(field)) != 0) members.emplace_back(text(kNames[i]), value_of(field, view_, facts_));
  }
  bindings_.emplace();
  bindings_->set(std::string(kRequest), Value::of(std::move(members)));
  return *bindings_;
}

}  // namespace portcullis
