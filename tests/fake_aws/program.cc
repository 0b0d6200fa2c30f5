#include "tests/fake_aws/program.h"

#include <cstdio>

namespace portcullis::fake_aws {

int give_up(const char* program, const Error& error) {
  std::fprintf(stderr, "%s: %s\n", program, error.detail.c_str());
  return 1;
}

sigset_t block_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return set;
}

int serve_until_told(const std::string& line, const sigset_t& signals, Patience& patience) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
  int number = 0;
  sigwait(&signals, &number);
  patience.end();
  return 0;
}

}  // namespace portcullis::fake_aws
