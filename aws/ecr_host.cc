#include "aws/ecr_host.h"

#include <algorithm>
#include <array>

#include "aws/endpoint.h"

namespace portcullis {
namespace {

constexpr std::size_t kAccountDigits = 12;
constexpr std::size_t kLongestHost = 253;

struct Suffix {
  std::string_view partition;
  std::string_view text;
};

// GovCloud has the suffixes of the commercial partition.
constexpr std::array<Suffix, 8> kSuffixes = {{{"aws", "amazonaws.com"},
                                              {"aws-us-gov", "amazonaws.com"},
                                              {"aws-cn", "amazonaws.com.cn"},
                                              {"aws-eusc", "amazonaws.eu"},
                                              {"aws-iso", "c2s.ic.gov"},
                                              {"aws-iso-b", "sc2s.sgov.gov"},
                                              {"aws-iso-e", "cloud.adc-e.uk"},
                                              {"aws-iso-f", "csp.hci.ic.gov"}}};
constexpr std::array<Suffix, 3> kDualStackSuffixes = {
    {{"aws", "on.aws"}, {"aws-us-gov", "on.aws"}, {"aws-cn", "on.amazonwebservices.com.cn"}}};

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

/// `eu-west-1`, `us-gov-east-1`, `us-isob-east-1`: words, the last one a number of one or two digits.
bool is_region(std::string_view text) noexcept {
  int words = 0;
  while (!text.empty()) {
    const std::size_t dash = text.find('-');
    const std::string_view word = text.substr(0, dash);
    if (dash == std::string_view::npos) {
      return words >= 2 && !word.empty() && word.size() <= 2 && std::all_of(word.begin(), word.end(), is_digit) && word.front() != '0';
    }
    if (word.empty() || !std::all_of(word.begin(), word.end(), is_lower)) return false;
    ++words;
    text.remove_prefix(dash + 1);
  }
  return false;
}

bool take(std::string_view& text, std::string_view start) noexcept {
  if (!text.starts_with(start)) return false;
  text.remove_prefix(start.size());
  return true;
}

template <std::size_t Count>
bool is_of_partition(const std::array<Suffix, Count>& suffixes, std::string_view region, std::string_view suffix) noexcept {
  const std::string_view partition = partition_of(region);
  return std::any_of(suffixes.begin(), suffixes.end(),
                     [partition, suffix](const Suffix& one) { return one.partition == partition && one.text == suffix; });
}

}  // namespace

std::optional<EcrHost> parse_ecr_host(std::string_view host) {
  if (host.size() > kLongestHost) return std::nullopt;
  const std::string text = lower(host);
  if (text == "public.ecr.aws" || text == "ecr-public.aws.com") {
    return EcrHost{
        .kind = EcrHost::Kind::ecr_public, .account = {}, .region = "us-east-1", .fips = false, .dual_stack = text == "ecr-public.aws.com"};
  }
  std::string_view rest = text;
  if (rest.size() <= kAccountDigits || !std::all_of(rest.begin(), rest.begin() + kAccountDigits, is_digit)) return std::nullopt;
  EcrHost found{.kind = EcrHost::Kind::ecr, .account = std::string(rest.substr(0, kAccountDigits)), .region = {}};
  rest.remove_prefix(kAccountDigits);
  found.dual_stack = take(rest, ".dkr-ecr");
  if (!found.dual_stack && !take(rest, ".dkr.ecr")) return std::nullopt;
  found.fips = take(rest, "-fips");
  if (!take(rest, ".")) return std::nullopt;
  const std::size_t dot = std::min(rest.find('.'), rest.size());
  found.region = rest.substr(0, dot);
  if (dot == rest.size() || !is_region(found.region)) return std::nullopt;
  const std::string_view suffix = rest.substr(dot + 1);
  const bool known =
      found.dual_stack ? is_of_partition(kDualStackSuffixes, found.region, suffix) : is_of_partition(kSuffixes, found.region, suffix);
  return known ? std::optional(std::move(found)) : std::nullopt;
}

std::string ecr_repository_arn(const EcrHost& host, std::string_view repository) {
  if (host.kind == EcrHost::Kind::ecr_public) return "*";
  std::string arn = "arn:";
  arn.append(partition_of(host.region)).append(":ecr:").append(host.region).append(":").append(host.account);
  return arn.append(":repository/").append(repository);
}

}  // namespace portcullis
