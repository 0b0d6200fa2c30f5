#include "plugin/exchange/exchange_question.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "plugin/http/basic_credential.h"
#include "plugin/http/header_scan.h"

namespace portcullis {
namespace {

constexpr std::array<std::string_view, 5> kCredentialFields = {"password", "id_token", "access_token", "refresh_token", "token"};
constexpr std::size_t kFields = 128;
constexpr std::string_view kFormType = "application/x-www-form-urlencoded";
constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trim(std::string_view text) noexcept {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// Parameters of the media type, such as `charset`, are not looked at.
bool is_form(const HttpRequest& request) {
  std::size_t count = 0;
  bool form = false;
  for (const auto& [name, value] : request.headers) {
    if (!same_header_name(name, "Content-Type")) continue;
    ++count;
    form = same_header_name(trim(value.substr(0, value.find(';'))), kFormType);
  }
  return count == 1 && form;
}

/// A field that stands twice is refused: we and another endpoint could each take another one.
Result<void> add_credentials(const FormFields& form, std::vector<Secret>& credentials) {
  for (const std::string_view name : kCredentialFields) {
    const auto named = [name](const auto& field) { return field.first == name; };
    if (std::count_if(form.begin(), form.end(), named) > 1)
      return Error{Reason::bad_request, "the form field " + std::string(name) + " stands twice"};
    const auto found = std::find_if(form.begin(), form.end(), named);
    if (found != form.end()) credentials.emplace_back(std::string(trim(found->second)));
  }
  return {};
}

void keep_each_once(std::vector<Secret>& credentials) {
  std::vector<Secret> kept;
  for (Secret& text : credentials) {
    const auto same = [&text](const Secret& one) { return one.reveal() == text.reveal(); };
    if (!text.empty() && std::none_of(kept.begin(), kept.end(), same)) kept.push_back(std::move(text));
  }
  credentials = std::move(kept);
}

}  // namespace

Result<ExchangeQuestion> read_exchange_question(const HttpRequest& request, const GateRules& rules) {
  ExchangeQuestion question;
  auto basic = read_basic(scan_headers(request, rules)[Fact::authorization]);
  if (!basic) return std::move(basic).error();
  if (*basic) {
    question.credentials.emplace_back(std::string(trim((*basic)->password.reveal())));
    question.user = std::move((*basic)->user);
    question.basic = (*basic)->encoded;
  }
  const std::size_t mark = request.raw_uri.find('?');
  auto query = form_decode(mark == std::string_view::npos ? std::string_view() : request.raw_uri.substr(mark + 1), kFields);
  if (!query) return Error{Reason::bad_request, "the query cannot be read"};
  question.query = std::move(query).value();
  if (is_form(request)) {
    auto form = form_decode(request.body, kFields);
    if (!form) return Error{Reason::bad_request, "invalid token request form body"};
    const auto added = add_credentials(*form, question.credentials);
    if (!added) return added.error();
    question.form = std::move(form).value();
  }
  keep_each_once(question.credentials);
  return question;
}

}  // namespace portcullis
