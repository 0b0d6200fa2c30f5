// `http.auth.bearer.oidc[]`: the shape of an issuer, with the faults that zot finds only when it starts.
#include <algorithm>

#include "config/read/sections.h"
#include "config/url.h"

namespace portcullis {
namespace {

std::string indexed(std::string_view name, std::size_t index) { return std::string(name) + "[" + std::to_string(index) + "]: "; }

void read_audiences(Section& issuer) {
  const auto audiences = issuer.texts("audiences");
  if (!issuer.present()) return;
  if (!issuer.has("audiences") || (audiences && audiences->empty())) {
    issuer.error("audiences", "at least one audience must be specified");
    return;
  }
  if (!audiences) return;
  for (std::size_t i = 0; i < audiences->size(); ++i) {
    if (audiences->at(i).find_first_not_of(' ') == std::string::npos)
      issuer.error("audiences", indexed("audience", i) + "audience is empty");
  }
}

void read_mapping(Section& mapping) {
  mapping.objects("variables", [](Section& variable, std::size_t i) {
    variable.required_text("name", indexed("variable", i) + "variable name is empty");
    variable.required_text("expression", indexed("variable", i) + "expression is empty");
  });
  mapping.objects("validations", [](Section& validation, std::size_t i) {
    validation.required_text("expression", indexed("validation", i) + "expression is empty");
    validation.required_text("message", indexed("validation", i) + "validation error message is empty");
  });
  mapping.text("username");
  mapping.text("groups");
}

}  // namespace

void read_oidc_issuer(Section& issuer) {
  const auto url = issuer.required_text("issuer", "issuer is required");
  if (url && !parse_http_url(*url)) issuer.error("issuer", "must be an absolute http or https URL");
  read_audiences(issuer);
  issuer.object("claimMapping", read_mapping);
  issuer.lines("certificateAuthority");
  issuer.file("certificateAuthorityFile");
  if (issuer.has("certificateAuthority") && issuer.has("certificateAuthorityFile")) {
    issuer.error("certificateAuthorityFile", "only one of certificateAuthority or certificateAuthorityFile can be set");
  }
  issuer.boolean("skipIssuerVerification");
  if (const auto discovery = issuer.text("discoveryURL"); discovery && !parse_http_url(*discovery)) {
    issuer.error("discoveryURL", "must be an absolute http or https URL");
  }
  issuer.file("discoveryTokenFile");
  issuer.file("jwksFile");
  for (const std::string_view name : {"algorithms", "jwksHosts"}) issuer.texts(name);
  for (const std::string_view name : {"usernamePrefix", "groupsPrefix"}) issuer.text(name);
}

}  // namespace portcullis
