#include "plugin/cli/keys_document.h"

#include <gtest/gtest.h>

namespace portcullis {
namespace {

TEST(CliKeysDocument, BeginsANewDocument) { EXPECT_EQ(with_key("", "k1", "PEM\n").value(), "{\n  \"k1\": \"PEM\\n\"\n}\n"); }

TEST(CliKeysDocument, KeepsWhatStandsThereInItsOrder) {
  const Result<std::string> grown = with_key(R"({"z": "A", "b": {"kty": "OKP"}})", "a", "B");

  ASSERT_TRUE(grown.ok());
  EXPECT_EQ(*grown, "{\n  \"z\": \"A\",\n  \"b\": {\"kty\":\"OKP\"},\n  \"a\": \"B\"\n}\n");
}

TEST(CliKeysDocument, ChangesNothingWhereTheKeyStandsAlready) {
  const std::string document = with_key("", "k1", "A").value();

  EXPECT_EQ(with_key(document, "k1", "A").value(), document);
}

TEST(CliKeysDocument, RefusesAnotherKeyUnderAnIdInUse) {
  const Result<std::string> grown = with_key(R"({"k1": "A"})", "k1", "B");

  ASSERT_FALSE(grown.ok());
  EXPECT_EQ(grown.error().reason, Reason::key_duplicate);
}

TEST(CliKeysDocument, RefusesDocumentsThatAreNoMapOfIds) {
  for (const char* text : {"[]", "x", "\"k\"", R"({"kty":"OKP"})", R"({"keys":[]})", R"({"a":"1","a":"2"})"}) {
    const Result<std::string> grown = with_key(text, "k1", "B");
    ASSERT_FALSE(grown.ok()) << text;
    EXPECT_EQ(grown.error().reason, Reason::secret_malformed) << text;
  }
}

}  // namespace
}  // namespace portcullis
