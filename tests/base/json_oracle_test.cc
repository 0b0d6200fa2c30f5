// jansson judges our reader: on texts that are JSON, and on hundreds of thousands that are nearly so, both accept the same and read the
// same values.
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <jansson.h>

#include "base/codec/json.h"
#include "base/handle.h"

namespace portcullis {
namespace {

using Jansson = Handle<json_t, json_decref>;

constexpr JsonLimits kLimits{.bytes = 10'000, .depth = 64, .members = 10'000};

Jansson judged(const std::string& text) {
  return Jansson(json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, nullptr));
}

void expect_same(JsonView ours, const json_t* theirs) {
  switch (json_typeof(theirs)) {
    case JSON_OBJECT: {
      ASSERT_TRUE(ours.is_object());
      ASSERT_EQ(ours.size(), json_object_size(theirs));
      for (const auto& [name, value] : ours.members()) {
        const json_t* other = json_object_getn(theirs, name.data(), name.size());
        ASSERT_NE(other, nullptr) << name;
        expect_same(value, other);
        expect_same(ours.get(name), other);
      }
      return;
    }
    case JSON_ARRAY: {
      ASSERT_TRUE(ours.is_array());
      const auto elements = ours.elements();
      ASSERT_EQ(elements.size(), json_array_size(theirs));
      for (std::size_t i = 0; i < elements.size(); ++i) expect_same(elements[i], json_array_get(theirs, i));
      return;
    }
    case JSON_STRING: ASSERT_EQ(ours.string(), std::string_view(json_string_value(theirs), json_string_length(theirs))); return;
    case JSON_INTEGER: ASSERT_EQ(ours.integer(), json_integer_value(theirs)); return;
    case JSON_REAL:
      ASSERT_FALSE(ours.integer().has_value());
      ASSERT_EQ(ours.number(), json_real_value(theirs));
      return;
    case JSON_TRUE: ASSERT_EQ(ours.boolean(), true); return;
    case JSON_FALSE: ASSERT_EQ(ours.boolean(), false); return;
    case JSON_NULL: ASSERT_TRUE(ours.is_null()); return;
  }
}

/// Whether both accept.
bool agree(const std::string& text) {
  const auto ours = parse_json(text, kLimits);
  const Jansson theirs = judged(text);
  EXPECT_EQ(ours.ok(), theirs != nullptr) << text;
  if (ours.ok() && theirs != nullptr) expect_same(ours->root(), theirs.get());
  return ours.ok();
}

const std::vector<std::string> kSeeds = {
    R"({"iss":"https://auth.example","sub":"alice","aud":["zot","b"],"exp":1705258800,"iat":1705255200.25,"nbf":-0,"access":[{"type":"repository","name":"a/b","actions":["pull","push"]}]})",
    R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}],"n":null,"t":true,"f":false})",
    R"("\u00e9\ud83d\ude00\n\t\"\\\/\b\f\r é 😀")",
    R"([1e5,1E-5,-1.5e+300,0.0,-0.0,9223372036854775807,-9223372036854775808,1e-999,[[[[]]]],{"":{}}])",
    " \t\r\n[ 1 , 2 ] \n",
};

TEST(JsonOracle, AgreesOnWholeTexts) {
  for (const std::string& seed : kSeeds) EXPECT_TRUE(agree(seed)) << seed;
}

TEST(JsonOracle, AgreesOnEveryPrefix) {
  for (const std::string& seed : kSeeds) {
    for (std::size_t length = 0; length < seed.size(); ++length) agree(seed.substr(0, length));
  }
}

TEST(JsonOracle, AgreesOnMutations) {
  std::mt19937 random(20261122);  // NOLINT(cert-msc51-cpp,bugprone-random-generator-seed): the same texts in every run
  const std::string alphabet = "{}[]\":,\\u0dD8eE+-.19tfn \n/\x01\x7f\x80\xc3\xa9\xed\xa0\xf4";
  int accepted = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string text = kSeeds[random() % kSeeds.size()];
    for (auto change = random() % 3 + 1; change > 0; --change) {
      const std::size_t place = random() % (text.size() + 1);
      const char c = alphabet[random() % alphabet.size()];
      switch (random() % 3) {
        case 0: text.insert(place, 1, c); break;
        case 1: text.erase(place, random() % 4); break;
        default:
          if (place < text.size()) text[place] = c;
      }
    }
    accepted += agree(text) ? 1 : 0;
    if (HasFailure()) return;
  }
  EXPECT_GT(accepted, 10'000);  // the mutations reach both verdicts
}

}  // namespace
}  // namespace portcullis
