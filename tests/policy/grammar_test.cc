// The grammars of repository, tag, digest and upload id, on both sides of each edge.
#include "policy/grammar.h"

#include <gtest/gtest.h>

#include <string>

#include "policy/route.h"

namespace portcullis {
namespace {

TEST(RepositoryName, AcceptsEverySeparatorTheSpecificationKnows) {
  for (const std::string_view name : {"a", "0", "app", "a.b", "a_b", "a__b", "a-b", "a--b", "a----b", "team/app", "a/manifests/b",
                                      "blobs/uploads", "a1/b2/c3", "library/nginx"}) {
    EXPECT_TRUE(is_repository_name(name)) << name;
  }
}

TEST(RepositoryName, RefusesEveryOtherText) {
  for (const std::string_view name :
       {"",     "/", "a/", "/a",  "a//b",        ".a",  "a.",   "-a",  "a-",   "_a",       "a_",  "__",  "a..b", "a___b", "a._b",
        "a-_b", "A", "aB", "a:b", "host:5000/x", "a b", "a/..", "a/.", "a\tb", "\xc3\xa4", "a@b", "a,b", "a\"b", "a%62"}) {
    EXPECT_FALSE(is_repository_name(name)) << name;
  }
}

TEST(RepositoryName, HoldsAtMost255Bytes) {
  EXPECT_TRUE(is_repository_name(std::string(255, 'a')));
  EXPECT_FALSE(is_repository_name(std::string(256, 'a')));
  EXPECT_TRUE(is_repository_name(std::string(127, 'a') + "/" + std::string(127, 'a')));
  EXPECT_FALSE(is_repository_name(std::string(127, 'a') + "/" + std::string(128, 'a')));
}

TEST(NameComponent, HoldsNoSlash) {
  EXPECT_TRUE(is_name_component("a.b"));
  EXPECT_FALSE(is_name_component("a/b"));
  EXPECT_FALSE(is_name_component(""));
}

TEST(Tag, AcceptsWhatTheSpecificationKnows) {
  for (const std::string_view tag : {"latest", "_", "_x", "1", "V1.2.3-rc.1", "a..b", "a--b", "Z"}) EXPECT_TRUE(is_tag(tag)) << tag;
}

TEST(Tag, RefusesEveryOtherText) {
  for (const std::string_view tag : {"", ".a", "-a", "a:b", "a@b", "a/b", "a b", "a+b", "\xc3\xa4", "a\n"})
    EXPECT_FALSE(is_tag(tag)) << tag;
}

TEST(Tag, HoldsAtMost128Bytes) {
  EXPECT_TRUE(is_tag(std::string(128, 'a')));
  EXPECT_FALSE(is_tag(std::string(129, 'a')));
}

TEST(Digest, KnowsTheExactLengthOfTheRegisteredAlgorithms) {
  EXPECT_TRUE(is_digest("sha256:" + std::string(64, 'a')));
  EXPECT_FALSE(is_digest("sha256:" + std::string(63, 'a')));
  EXPECT_FALSE(is_digest("sha256:" + std::string(65, 'a')));
  EXPECT_TRUE(is_digest("sha512:" + std::string(128, '0')));
  EXPECT_FALSE(is_digest("sha512:" + std::string(127, '0')));
  EXPECT_FALSE(is_digest("sha512:" + std::string(129, '0')));
}

TEST(Digest, WantsLowerCaseHexOfTheRegisteredAlgorithms) {
  EXPECT_TRUE(is_digest("sha256:" + std::string(63, '0') + "f"));
  EXPECT_FALSE(is_digest("sha256:" + std::string(63, '0') + "g"));
  for (const char c : {'F', '/', ':', '`', '@', ' '}) EXPECT_FALSE(is_digest("sha256:" + std::string(63, '0') + c)) << c;
  EXPECT_FALSE(is_digest("SHA256:" + std::string(64, '0')));
}

TEST(Digest, LetsOtherAlgorithmsPassByTheirGrammar) {
  for (const std::string_view digest :
       {"sha384:0a", "multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8", "sha256+b64u:LCa0a2j_xo-x=", "a.b_c-d:x"}) {
    EXPECT_TRUE(is_digest(digest)) << digest;
  }
}

TEST(Digest, RefusesEveryOtherText) {
  for (const std::string_view digest :
       {"", ":", "sha256", "sha256:", "abc:", ":abc", "a+:x", "+a:x", "a++b:x", "a:x/y", "a:x:y", "a:x y", "a@b:x", "A:x", "a:\xff"}) {
    EXPECT_FALSE(is_digest(digest)) << digest;
  }
}

TEST(UploadId, IsOneOpaqueSegmentOfUnreservedCharacters) {
  for (const std::string_view id : {"1", "6b3c9a93-af5d-473f-a4ff-9710022185cd", "AJMKLFQ_~.x", "YWJj="})
    EXPECT_TRUE(is_upload_id(id)) << id;
  for (const std::string_view id : {"", "a/b", "a b", "a:b", "a@b", "a+b", "a,b", "\xc3\xa4"}) EXPECT_FALSE(is_upload_id(id)) << id;
}

TEST(UploadId, IsBounded) {
  EXPECT_TRUE(is_upload_id(std::string(kUploadIdBytes, 'a')));
  EXPECT_FALSE(is_upload_id(std::string(kUploadIdBytes + 1, 'a')));
}

TEST(CanonicalPath, IsReadInOneWayOnly) {
  for (const std::string_view path :
       {"/", "/v2/", "/v2", "/v2/a/manifests/x", "/v2/a/blobs/uploads/", "/...", "/v2/..a/b", "/v2/a..", "/.a", "/~", "/!"}) {
    EXPECT_TRUE(is_canonical_path(path)) << path;
  }
}

TEST(CanonicalPath, RefusesWhatAProxyAndARegistryCouldReadDifferently) {
  for (const std::string_view path :
       {"",        "v2/",     "*",        "http://evil/v2/", "//",        "//v2/",    "/v2//",        "/v2//a",    "/v2/./a", "/v2/../a",
        "/.",      "/..",     "/v2/.",    "/v2/..",          "/v2/a/./",  "/v2/%61",  "/v2/%",        "/v2/a%2fb", "/v2/a;b", "/v2/a\\b",
        "/v2/a#b", "/v2/a b", "/v2/a\tb", "/v2/a\x01",       "/v2/a\x7f", "/v2/\x80", "/v2/\xc3\xa4", "/v2/\xff"}) {
    EXPECT_FALSE(is_canonical_path(path)) << path;
  }
  EXPECT_FALSE(is_canonical_path(std::string_view("/v2/\0", 5)));
}

}  // namespace
}  // namespace portcullis
