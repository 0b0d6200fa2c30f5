# shellcheck shell=bash
# The processes of ./quickstart: docker-registry, the gate, nginx, and an AWS where one is wanted, all below $world. Sourced; the caller has set root,
# binary, aws and world.

# wait_until SECONDS COMMAND…: polls until the command succeeds.
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    if [ "$SECONDS" -ge "$deadline" ]; then return 1; fi
    sleep 0.05
  done
}

give_up() {
  printf '%s\n' "$1" >&2
  tail -n 20 "$2" >&2 || true
  exit 1
}

# start NAME COMMAND…: in the background, in a process group of its own (so that Ctrl-C here does not stop a stack that is meant to stay), with its output
# in NAME.out and its id in NAME.pid.
start() {
  local name=$1
  shift
  setsid "$@" >"$world/$name.out" 2>&1 </dev/null &
  printf '%s\n' "$!" >"$world/$name.pid"
}

is_running() { kill -0 "$(cat "$world/$1.pid")" 2>/dev/null; }

stop_stack() {
  local name pid
  for name in nginx gate registry aws; do
    [ -s "$world/$name.pid" ] || continue
    pid=$(cat "$world/$name.pid")
    kill -TERM "$pid" 2>/dev/null || continue
    wait_until 5 sh -c "! kill -0 $pid 2>/dev/null" || kill -KILL "$pid" 2>/dev/null || true
  done
}

registry_address() { sed -n 's/.*"msg":"listening on \(127\.0\.0\.1:[0-9]*\)".*/\1/p' "$world/registry.out"; }
registry_is_up() { [ -n "$(registry_address)" ]; }
gate_is_up() { [ -S "$world/gate.sock" ] && grep -q '"admin"' "$world/gate.out"; }
nginx_is_up() { curl -s -o /dev/null "http://127.0.0.1:$1/v2/"; }
nginx_is_up_or_dead() { nginx_is_up "$1" || ! is_running nginx; }

start_registry() {
  mkdir -p "$world/storage"
  sed -e "s#rootdirectory: .*#rootdirectory: $world/storage#" -e 's#addr: .*#addr: 127.0.0.1:0#' "$root/examples/registry/config.yml" >"$world/registry.yml"
  start registry docker-registry serve "$world/registry.yml"
  wait_until 15 registry_is_up || give_up 'docker-registry did not start' "$world/registry.out"
}

start_gate() {
  local example=gate.json
  if [ -n "$aws" ]; then example=gate-aws.json; fi
  cp "$root/examples/quickstart/$example" "$world/gate.json"
  (umask 077 && "$binary" key generate --alg EdDSA --id quickstart --private "$world/signing-key.pem" --keys "$world/keys.json") >"$world/key.out" 2>&1 ||
    give_up 'no key was made' "$world/key.out"
  if [ -n "$aws" ]; then
    start_aws
    good "an AWS on $aws_endpoint"
    create_keys_secret "$world/keys.json"
    good "awscli made the secret $aws_secret"
    use_aws
  fi
  start gate "$binary" serve "$world/gate.json"
  wait_until 15 gate_is_up || give_up 'the gate did not start' "$world/gate.out"
  admin=$(sed -n 's/.*"admin": *"\([^"]*\)".*/\1/p' "$world/gate.out")
}

# Another process may take the port between our choice and nginx's bind: then another port is tried.
start_nginx() {
  local attempt settings='daemon off;'
  # As root, nginx's workers would be `nobody`, whom the gate's socket does not let in.
  if [ "$(id -u)" -eq 0 ]; then settings="$settings user root;"; fi
  cp "$root/examples/nginx/nginx.conf" "$world/nginx.conf"
  for attempt in 1 2 3 4 5; do
    port=$(python3 "$root/scripts/free_port.py")
    sed -e "s#unix:/run/portcullis/gate.sock#unix:$world/gate.sock#" -e "s#server 127.0.0.1:5000;#server $(registry_address);#" \
      -e "s#listen 127.0.0.1:8080;#listen 127.0.0.1:$port;#" "$root/examples/nginx/portcullis.conf" >"$world/portcullis.conf"
    start nginx nginx -p "$world" -c "$world/nginx.conf" -e "$world/error.log" -g "$settings"
    wait_until 15 nginx_is_up_or_dead "$port" || true
    if is_running nginx; then return 0; fi
    note "port $port was taken (attempt $attempt)"
  done
  give_up 'nginx did not start' "$world/nginx.out"
}

start_stack() {
  heading "Start (files: $world)"
  start_registry
  good "docker-registry on $(registry_address)"
  start_gate
  good "portcullis on $world/gate.sock, admin on http://$admin"
  start_nginx
  good "nginx on http://127.0.0.1:$port, asking the gate about each request"
}
