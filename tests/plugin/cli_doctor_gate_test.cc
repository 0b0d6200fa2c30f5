// `portcullis doctor` of the gate itself: its configuration, a zot beside it, and the gate that runs.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/plugin/doctor_world.h"

namespace portcullis {
namespace {

using test::contains;
using test::Doctor;
using test::kConfig;
using test::kExternal;
using DoctorOfTheGate = Doctor;

TEST_F(DoctorOfTheGate, AsksTheGateThatRuns) {
  EXPECT_EQ(run(), ExitStatus::yes) << "none runs";
  EXPECT_TRUE(contains(out, "running gate\n  skipped  answer: nobody answers: http://127.0.0.1:9181/status: ")) << out;

  aws.gate = R"({"version":"0.1.0","config":{"digest":"00","loaded":"t","reloadFault":"keys.json: Permission denied"},"sources":[]})";
  EXPECT_EQ(run(), ExitStatus::no);
  EXPECT_TRUE(
      contains(out, "  failed   configuration: the newest reload was refused, and that of t is in force: keys.json: Permission denied\n"))
      << out;
  EXPECT_FALSE(contains(out, "of 127.0.0.1:9181")) << "the gate's clock is this one: " << out;

  EXPECT_TRUE(world.files.write(kConfig, "{", 0600).ok());
  EXPECT_EQ(run(), ExitStatus::no);
  EXPECT_TRUE(contains(out, "  ok       answer: version 0.1.0 at http://127.0.0.1:9181/status\n"))
      << "also by a file that is broken: " << out;
}

TEST_F(DoctorOfTheGate, AsksNoGateByAFileThatNoneServesBy) {
  const auto runs = [this](const std::string& portcullis, std::vector<const char*> more = {}) {
    EXPECT_TRUE(world.files.write(kConfig, test::gate_config(portcullis), 0600).ok());
    run(std::move(more));
    return contains(out, "running gate\n");
  };
  EXPECT_FALSE(runs(R"("admin":"off")"));
  EXPECT_FALSE(runs(R"("admin":"127.0.0.1:0")"));
  EXPECT_FALSE(runs(R"("proxy":{},"broker":{"registries":{}})")) << "for the command line alone";
  EXPECT_TRUE(runs(R"("proxy":{})", {"--trust", "127.0.0.1/32"}));
  EXPECT_TRUE(runs(R"("proxy":{},"listen":["unix:gate.sock"])"));
}

TEST_F(DoctorOfTheGate, FailsWhereTheGateThatIsNamedDoesNotAnswer) {
  EXPECT_EQ(run({"--status", "127.0.0.1:9181"}), ExitStatus::no);
  EXPECT_TRUE(contains(out, "running gate\n  failed   answer: http://127.0.0.1:9181/status: 127.0.0.1: could not connect\n")) << out;
}

TEST_F(DoctorOfTheGate, NeverShowsATokenThatIsGivenForAFile) {
  constexpr const char* kToken = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl";
  for (const std::vector<const char*>& words :
       {std::vector<const char*>{"--nginx", kToken}, {"--nginx", kToken, "--json"}, {kToken}, {"--status", kToken}}) {
    EXPECT_NE(run(words), ExitStatus::yes);
    EXPECT_FALSE(contains(out + err, "eyJzdWIi")) << out << err;
    EXPECT_TRUE(contains(out + err, "eyJhbGci")) << "and says which argument: " << out << err;
  }
}

TEST_F(DoctorOfTheGate, WarnsOfAZotThatLinksBlobsByDigestAlone) {
  const auto with_storage = [this](const std::string& storage) {
    configure(kExternal);
    std::string text = *world.files.read(kConfig, 100'000);
    text.insert(1, storage);
    EXPECT_TRUE(world.files.write(kConfig, text, 0600).ok());
    EXPECT_EQ(run(), ExitStatus::yes) << out;
    return out;
  };
  constexpr const char* kWarning = "  warning  storage.dedupe: zot links a blob by its digest alone";
  EXPECT_FALSE(contains(with_storage(""), "dedupe"));
  EXPECT_TRUE(contains(with_storage(R"("storage":{"rootDirectory":"/s"},)"), kWarning)) << out;
  EXPECT_TRUE(contains(with_storage(R"("storage":{"dedupe":true},)"), kWarning)) << out;
  EXPECT_TRUE(contains(with_storage(R"("storage":{"dedupe":false},)"), "  ok       storage.dedupe: false\n")) << out;
  EXPECT_TRUE(
      contains(with_storage(R"("storage":{"dedupe":false,"subPaths":{"/a":{"dedupe":true}}},)"), "  warning  storage.subPaths./a.dedupe: "))
      << out;
}

TEST_F(DoctorOfTheGate, TakesAFileOfZotAsItWouldBeServed) {
  std::string text = test::gate_config(R"("proxy":{})");
  EXPECT_TRUE(world.files.write(kConfig, text, 0600).ok());
  EXPECT_EQ(run(), ExitStatus::no);
  EXPECT_TRUE(contains(out, "trusts nobody")) << out;
  EXPECT_EQ(run({"--trust", "127.0.0.1/32", "--listen", "127.0.0.1:9180"}), ExitStatus::yes) << out << err;
}

TEST_F(DoctorOfTheGate, TellsFindingsOfTheConfigurationAndGoesOn) {
  world.files.remove("/etc/portcullis/keys.json");
  EXPECT_EQ(run(), ExitStatus::no);
  EXPECT_TRUE(contains(out, "  failed   portcullis.keys.file: ")) << out;
  EXPECT_TRUE(contains(out, "  ok       password: ")) << out;
}

TEST_F(DoctorOfTheGate, CannotJudgeAFileThatIsNotThere) {
  world.files.remove(kConfig);
  EXPECT_EQ(run(), ExitStatus::cannot_judge);
  EXPECT_EQ(out, "");
  EXPECT_TRUE(contains(err, "/etc/portcullis/config.json: No such file or directory")) << err;
}

}  // namespace
}  // namespace portcullis
