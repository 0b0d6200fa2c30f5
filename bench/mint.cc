// Writes the keys and tokens of the macro bench into a folder: `keys.json` (the secret), `<kid>.pub.pem`, `<kid>.tokens` with many distinct
// tokens, one a line, and `<kid>.forged` with tokens that nobody's key signed. Private keys are never written.
//
// usage: bench_mint FOLDER kid=COUNT… [forged:kid=COUNT…]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "bench/material.h"

namespace portcullis::bench {
namespace {

constexpr unsigned long kMostTokens = 1'000'000;

struct Order {
  const Kind* kind;
  bool forged;
  unsigned long count;
};

Order read_order(std::string_view text) {
  constexpr std::string_view kForged = "forged:";
  const bool forged = text.substr(0, kForged.size()) == kForged;
  if (forged) text.remove_prefix(kForged.size());
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) std::exit(2);
  const unsigned long count = std::strtoul(std::string(text.substr(equals + 1)).c_str(), nullptr, 10);
  return {&kind_of(text.substr(0, equals)), forged, std::min(count, kMostTokens)};
}

void write(const std::string& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) {
    std::perror(path.c_str());
    std::exit(1);
  }
}

/// Signing takes most of the time, so every core signs a share.
std::string lines(const Order& order, TimePoint now) {
  std::vector<std::string> tokens(order.count);
  const std::size_t share = std::max(1U, std::thread::hardware_concurrency());
  {
    std::vector<std::jthread> threads;
    for (std::size_t first = 0; first < share; ++first) {
      threads.emplace_back([&, first] {
        for (std::size_t i = first; i < tokens.size(); i += share)
          tokens[i] = order.forged ? forged_token(*order.kind, now, i) : token(*order.kind, now, i);
      });
    }
  }
  std::string text;
  for (const std::string& one : tokens) text += one + "\n";
  return text;
}

}  // namespace
}  // namespace portcullis::bench

int main(int argc, char** argv) {
  using namespace portcullis::bench;
  if (argc < 3) {
    std::fputs("usage: bench_mint FOLDER kid=COUNT… [forged:kid=COUNT…]\n", stderr);
    return 2;
  }
  const std::string folder = argv[1];
  const portcullis::TimePoint now = portcullis::SystemClock().now();
  write(folder + "/keys.json", secret_of_all_kinds());
  for (const Kind& kind : kKinds) write(folder + "/" + std::string(kind.key_id) + ".pub.pem", key_of(kind).public_pem());
  for (int i = 2; i < argc; ++i) {
    const Order order = read_order(argv[i]);
    write(folder + "/" + std::string(order.kind->key_id) + (order.forged ? ".forged" : ".tokens"), lines(order, now));
  }
  return 0;
}
