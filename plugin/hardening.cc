#include "plugin/hardening.h"

#include <csignal>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace portcullis {

void harden_process() noexcept {
  ::umask(027);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of write(2), not the end
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

void forbid_core_dumps() noexcept {
  rlimit core{};
  if (::getrlimit(RLIMIT_CORE, &core) == 0) {
    core.rlim_cur = 0;
    ::setrlimit(RLIMIT_CORE, &core);
  }
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

std::vector<std::string_view> process_weaknesses() {
  std::vector<std::string_view> found;
  rlimit core{};
  if (::getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_cur != 0) found.emplace_back("core dumps are not switched off");
  if (::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0) found.emplace_back("memory is not hidden from debuggers (PR_SET_DUMPABLE)");
  if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) found.emplace_back("new privileges are not given up (PR_SET_NO_NEW_PRIVS)");
  if (::geteuid() == 0) found.emplace_back("running as root: nothing here needs it; use a user of its own");
  return found;
}

}  // namespace portcullis
