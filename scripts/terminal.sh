# shellcheck shell=bash
# How our scripts speak: colour and progress only where standard output is a terminal that can, and NO_COLOR is not set. Sourced.

bold='' green='' red='' dim='' plain='' on_terminal=''
if [ -t 1 ]; then on_terminal=1; fi
if [ -n "$on_terminal" ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
  bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' dim=$'\e[2m' plain=$'\e[0m'
fi

heading() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
note() { printf '  %s%s%s\n' "$dim" "$*" "$plain"; }
good() { printf '  %sok%s    %s\n' "$green" "$plain" "$*"; }
bad() { printf '  %sFAIL%s  %s\n' "$red" "$plain" "$*"; }

# run_logged LOG COMMAND…: the command's output goes to LOG, and to a terminal as well, where it shows the progress; on failure the end of it is shown.
run_logged() {
  local log=$1 status=0
  shift
  mkdir -p "$(dirname "$log")"
  if [ -n "$on_terminal" ]; then
    "$@" || status=$?
  else
    "$@" >"$log" 2>&1 || status=$?
    if [ "$status" -ne 0 ]; then
      tail -n 60 "$log"
      printf 'The whole output is in %s\n' "$log"
    fi
  fi
  return "$status"
}
