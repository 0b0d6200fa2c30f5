#include "keystore/refresh/jwks_source.h"

#include <utility>

#include "keystore/refresh/jwks_fetch.h"

namespace portcullis {
namespace {

class JwksSource final : public KeySource {
 public:
  JwksSource(HttpTransport& http, std::string url) : http_(http), url_(std::move(url)) {}

  [[nodiscard]] const std::string& name() const noexcept override { return name_; }
  [[nodiscard]] std::vector<std::string> watched_files() const override { return {}; }
  [[nodiscard]] Result<ParsedKeys> fetch(TimePoint now) override { return jwks_.fetch(http_, url_, {}, now); }

 private:
  // set once
  HttpTransport& http_;
  const std::string name_ = "jwksURL";
  const std::string url_;
  // of the newest good round
  JwksFetch jwks_;
};

}  // namespace

std::unique_ptr<KeySource> make_jwks_source(HttpTransport& http, std::string url) {
  return std::make_unique<JwksSource>(http, std::move(url));
}

}  // namespace portcullis
