// What the tests of Wave's requirements and stories have: one AWS, one service, one time for both.
#pragma once

#include <chrono>

#include "tests/broker/service_world.h"
#include "tests/broker/simulated_aws.h"

namespace portcullis::test {

struct Wave {
  Wave() : aws(clock), world(aws) {}
  void advance(std::chrono::milliseconds by) {
    clock.advance(by);
    world.clock.advance(by);
  }
  FakeClock clock;
  SimulatedAws aws;
  ServiceWorld world;
};

}  // namespace portcullis::test
