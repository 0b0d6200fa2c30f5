#include "broker/login.h"

#include <gtest/gtest.h>

#include <string>

#include "base/secret.h"

namespace portcullis {
namespace {

TEST(RegistryLogin, IsUserAndPasswordInOneHeader) {
  const RegistryLogin login{.user = "Aladdin", .password = PackedSecret(Secret("open sesame")), .expires = {}};
  EXPECT_EQ(basic_authorization(login), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==") << "RFC 7617 section 2";
}

TEST(RegistryLogin, MayHaveAnEmptyUserOrPassword) {
  EXPECT_EQ(basic_authorization({.user = "", .password = PackedSecret(Secret("a")), .expires = {}}), "Basic OmE=");
  EXPECT_EQ(basic_authorization({.user = "a", .password = PackedSecret(Secret("")), .expires = {}}), "Basic YTo=");
}

}  // namespace
}  // namespace portcullis
