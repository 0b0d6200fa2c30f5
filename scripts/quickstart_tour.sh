# shellcheck shell=bash
# What ./quickstart shows: a push and a pull that pass, and four requests that do not, each with its answer and the gate's reason. Sourced after
# quickstart_stack.sh; counts what was not as it should be in `failures`.

# mint NAME ARGUMENT…: writes a token to NAME.token.
mint() {
  local name=$1
  shift
  (umask 077 && "$binary" token mint --key "$world/signing-key.pem" --id quickstart --subject alice --issuer https://auth.example.com \
    --audience quickstart "$@" >"$world/$name.token") 2>"$world/mint.out" || give_up "the token $name was not made" "$world/mint.out"
}

expect() {
  local what=$1
  shift
  if "$@"; then good "$what"; else bad "$what"; failures=$((failures + 1)); fi
}

copy_image() { skopeo --insecure-policy copy --quiet "$@" >"$world/skopeo.out" 2>&1; }

push_and_pull() {
  heading 'With a token that grants demo/hello:pull,push'
  local registry=docker://127.0.0.1:$port
  expect 'skopeo pushes the image through nginx' copy_image --dest-tls-verify=false --dest-registry-token "$(cat "$world/push.token")" \
    "oci:$world/image:latest" "$registry/demo/hello:latest"
  expect 'skopeo pulls it with a token that grants pull alone' copy_image --src-tls-verify=false --src-registry-token "$(cat "$world/pull.token")" \
    "$registry/demo/hello:latest" "oci:$world/pulled:latest"
  expect 'what came back is what was sent, byte for byte' cmp -s "$world/image/blobs/${image//://}" "$world/pulled/blobs/${image//://}"
}

# reason_of ID: what the gate's log says about that decision. The log is written off the request threads, so it may be a moment late.
logged() { grep -q -- "$1" "$world/gate.log"; }
reason_of() {
  wait_until 3 logged "$1" || return 0
  grep -- "$1" "$world/gate.log" | sed -n 's/.*"reason":"\([a-z_]*\)".*/\1/p' | head -n 1
}

# refused WHAT TOKEN METHOD URI STATUS REASON TEXT: asks, shows the answer, and compares it. TOKEN is a name, or empty for none; TEXT must stand in the challenge.
refused() {
  local what=$1 token=$2 method=$3 uri=$4 status=$5 reason=$6 text=$7 arguments=() answer got challenge id said
  if [ -n "$token" ]; then arguments=(-H @"$world/$token.header"); fi
  answer=$(curl -s -D - -o "$world/body.json" -X "$method" "${arguments[@]}" "http://127.0.0.1:$port$uri" | tr -d '\r')
  got=$(sed -n '1s/^HTTP[^ ]* \([0-9]*\).*/\1/p' <<<"$answer")
  challenge=$(sed -n 's/^WWW-Authenticate: //Ip' <<<"$answer")
  id=$(sed -n 's/^X-Portcullis-Id: //Ip' <<<"$answer")
  said=$(reason_of "${id:-none}")
  printf '\n  %s%s%s\n' "$bold" "$what" "$plain"
  note "tried      $method $uri${token:+ with $token.token}"
  note "answer     $got $(cat "$world/body.json")"
  note "challenge  $challenge"
  note "gate says  $said (decision ${id:-unknown})"
  if [ "$got" = "$status" ] && [ "$said" = "$reason" ] && [ "$(grep -c . <<<"$challenge")" -eq 1 ] && [[ $challenge == *"$text"* ]]; then
    good "refused with $status, $reason"
  else
    bad "expected $status, $reason and one challenge with $text"
    failures=$((failures + 1))
  fi
}

files_in_storage() { find "$world/storage" -type f | sort; }

four_refusals() {
  local manifest=/v2/demo/hello/manifests/latest before
  heading 'What does not pass'
  refused 'No token' '' GET "$manifest" 401 token_missing 'scope="repository:demo/hello:pull"'
  refused 'A token for another repository' other GET "$manifest" 401 scope_insufficient 'error="insufficient_scope"'
  refused 'A token that has expired' expired GET "$manifest" 401 token_expired 'error="invalid_token"'
  before=$(files_in_storage)
  refused 'A push with a token that grants pull alone' pull POST /v2/demo/hello/blobs/uploads/ 401 scope_insufficient 'scope="repository:demo/hello:pull,push"'
  if copy_image --dest-tls-verify=false --dest-registry-token "$(cat "$world/pull.token")" "oci:$world/image:latest" "docker://127.0.0.1:$port/demo/stolen:latest"; then
    bad 'skopeo pushed with it'
    failures=$((failures + 1))
  else
    good 'skopeo cannot push with it either'
  fi
  expect 'nothing was written to the registry' test "$before" = "$(files_in_storage)"
}

take_tour() {
  local name
  image=$(python3 "$root/scripts/make_image.py" "$world/image")
  mint push --access repository:demo/hello:pull,push --expires 1h
  mint pull --access repository:demo/hello:pull --expires 1h
  mint other --access repository:demo/other:pull,push --expires 1h
  mint expired --access repository:demo/hello:pull --at "$(($(date +%s) - 3600))" --expires 15m
  for name in push pull other expired; do
    (umask 077 && printf 'Authorization: Bearer %s\n' "$(cat "$world/$name.token")" >"$world/$name.header")
  done
  push_and_pull
  four_refusals
}

# With --aws: another key takes the place of the first in the secret, and the gate follows without a restart.
tags_status() { curl -s -o /dev/null -w '%{http_code}' -H @"$world/$1.header" "http://127.0.0.1:$port/v2/demo/hello/tags/list"; }
answers() { [ "$(tags_status "$1")" = "$2" ]; }

follow_rotation() {
  heading 'Another key in the secret'
  (umask 077 && "$binary" key generate --alg ES256 --id rotated --private "$world/rotated-key.pem" --keys "$world/rotated.json") >"$world/key.out" 2>&1 ||
    give_up 'no key was made' "$world/key.out"
  (umask 077 && "$binary" token mint --key "$world/rotated-key.pem" --id rotated --subject alice --issuer https://auth.example.com --audience quickstart \
    --access repository:demo/hello:pull --expires 1h >"$world/rotated.token") 2>"$world/mint.out" || give_up 'no token was made' "$world/mint.out"
  (umask 077 && printf 'Authorization: Bearer %s\n' "$(cat "$world/rotated.token")" >"$world/rotated.header")
  expect 'a token of a key that is not in the secret is refused' answers rotated 401
  rotate_keys_secret "$world/rotated.json"
  good 'awscli put it in the place of the first'
  expect 'a token of the new key is let in, without a restart' wait_until 15 answers rotated 200
  expect 'a token of the old key is refused' wait_until 15 answers pull 401
  roll_back_keys_secret
  expect 'rolled back with awscli, the first key serves again' wait_until 15 answers pull 200
}

how_to_take_the_key_away() {
  if [ -n "$aws" ]; then
    cat <<TEXT
  # put another key in its place, and within a second every token is worth nothing
  AWS_CONFIG_FILE=$world/aws/config AWS_SHARED_CREDENTIALS_FILE=$world/aws/credentials $aws_program --endpoint-url $aws_endpoint \\
    secretsmanager put-secret-value --secret-id $aws_secret --secret-string file://$world/rotated.json
TEXT
  else
    cat <<TEXT
  # take the key away, and every token is worth nothing: the file is watched
  $binary keys $world/gate.json
  less $world/keys.json
TEXT
  fi
}

print_what_next() {
  local url=http://127.0.0.1:$port
  heading 'It runs. What to try next'
  cat <<TEXT
  # a question with a token, and the same for a repository that it does not name
  curl -i -H @$world/pull.header $url/v2/demo/hello/tags/list
  curl -i -H @$world/pull.header $url/v2/demo/secret/tags/list

  # why the gate says what it says, without the gate
  $binary verify $world/gate.json --token $world/pull.token --method PUT --uri /v2/demo/hello/manifests/v1

  # a token of your own: it works at once
  $binary token mint --key $world/signing-key.pem --id quickstart --issuer https://auth.example.com --audience quickstart \\
    --subject bob --access repository:team/app:pull,push --expires 15m

$(how_to_take_the_key_away)

  # what the gate knows of itself
  curl http://$admin/readyz?verbose; curl http://$admin/metrics; tail -f $world/gate.log

  # stop, and remove every trace
  kill $(cat "$world/nginx.pid" "$world/gate.pid" "$world/registry.pid" ${aws:+"$world/aws.pid"} | tr '\n' ' '); rm -rf $world
TEXT
}
