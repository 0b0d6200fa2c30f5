# shellcheck shell=bash
# Reads packages.txt and installs what is missing. Sourced by ./quickstart, ./test and bench/run; the caller has set root to the project's folder.

# packages_of GROUP…: the names in those groups of packages.txt.
packages_of() {
  local groups=" $* "
  awk -v groups="$groups" '
    /^# group: / { wanted = index(groups, " " $3 " ") > 0; next }
    /^[[:space:]]*(#|$)/ { next }
    wanted { print $1 }' "$root/packages.txt"
}

# missing_packages GROUP…: those of them that are not installed.
missing_packages() {
  local name
  for name in $(packages_of "$@"); do
    # Where Node.js came from elsewhere it brought npm with it, and Debian's package would take it away again.
    if [ "$name" = npm ] && command -v npm >/dev/null; then continue; fi
    # The same holds for a kubectl that is no Debian package.
    if [ "$name" = kubernetes-client ] && command -v kubectl >/dev/null; then continue; fi
    if [ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null || true)" != installed ]; then printf '%s\n' "$name"; fi
  done
}

# install_packages GROUP…: installs what is missing, with sudo where we are not root; says what to do where neither is possible. Debian's nginx, docker-registry
# and caddy packages bring services: a policy-rc.d of ours keeps them from starting while we install, because the scripts run their own.
install_packages() {
  local missing
  if ! command -v dpkg-query >/dev/null; then
    printf 'This system has no dpkg: install by hand what packages.txt lists (groups: %s), then run this again with PORTCULLIS_SKIP_PACKAGES=1.\n' "$*" >&2
    [ -n "${PORTCULLIS_SKIP_PACKAGES:-}" ] || return 1
    return 0
  fi
  if [ -n "${PORTCULLIS_SKIP_PACKAGES:-}" ]; then return 0; fi
  mapfile -t missing < <(missing_packages "$@")
  if [ "${#missing[@]}" -eq 0 ]; then return 0; fi

  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      printf 'These packages are missing, and neither root nor sudo is at hand to install them:\n  apt-get install --no-install-recommends %s\n' "${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  printf 'Installing %d packages: %s\n' "${#missing[@]}" "${missing[*]}"
  local guard=/usr/sbin/policy-rc.d placed='' failed='' log
  log=$(mktemp "${TMPDIR:-/tmp}/portcullis-packages.XXXXXX")
  if [ ! -e "$guard" ]; then
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$guard" >/dev/null && "${as_root[@]}" chmod 0755 "$guard" && placed=1
  fi
  local install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120)
  { "${install[@]}" update && "${install[@]}" install --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null || failed=1
  if [ -n "$placed" ]; then "${as_root[@]}" rm -f "$guard"; fi
  if [ -n "$failed" ]; then
    tail -n 20 "$log" >&2
    printf 'apt-get could not install them; its whole output is in %s\n' "$log" >&2
    return 1
  fi
  rm -f "$log"
  if [ -d /run/systemd/system ]; then
    printf 'Note: Debian enables the services of nginx, docker-registry and caddy for the next boot; systemctl disable NAME, if you do not want that.\n'
  fi
}
