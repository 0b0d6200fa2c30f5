# shellcheck shell=bash
# An AWS for ./quickstart --aws: portcullis-fake-aws on loopback, with one user and no secret yet. Sourced after quickstart_stack.sh and terminal.sh; the caller
# has set world, binary and fake_aws (the program). Everything is done with the packaged awscli, as one would against AWS:
#
#   start_aws                     starts the cloud; sets aws_endpoint and aws_control
#   use_aws                       exports what the gate's own credential chain reads (AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE, AWS_ENDPOINT_URL)
#   aws_cli WORD…                 aws secretsmanager …, as that user
#   create_keys_secret KEYS_FILE  aws secretsmanager create-secret --name portcullis/keys --secret-string file://KEYS_FILE
#   rotate_keys_secret KEYS_FILE  aws secretsmanager put-secret-value --secret-id portcullis/keys --secret-string file://KEYS_FILE
#                                 (the version that was AWSCURRENT becomes AWSPREVIOUS)
#   roll_back_keys_secret         aws secretsmanager update-secret-version-stage: AWSCURRENT goes back to the version that is AWSPREVIOUS
#   stop_aws                      ends the cloud

aws_region=eu-west-1
aws_secret=portcullis/keys
aws_program=/usr/bin/aws

aws_is_up() { grep -q '"aws"' "$world/aws.out" 2>/dev/null; }

# random_letters COUNT: upper-case letters and digits of base32, as access key ids have them.
random_letters() { LC_ALL=C tr -dc 'A-Z2-7' </dev/urandom | head -c "$1" || true; }

start_aws() {
  [ -x "$aws_program" ] || aws_program=aws
  local key_id secret
  key_id=AKIA$(random_letters 16)
  secret=$(random_letters 40)
  (
    umask 077
    mkdir -p "$world/aws"
    printf '[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n' "$key_id" "$secret" >"$world/aws/credentials"
    printf '[default]\nregion = %s\noutput = json\n' "$aws_region" >"$world/aws/config"
    printf '{"regions":["%s"],"users":[{"name":"quickstart","accessKeyId":"%s","secretAccessKey":"%s","allow":["secretsmanager:*"]}]}\n' \
      "$aws_region" "$key_id" "$secret" >"$world/aws/world.json"
  )
  start aws "$fake_aws" --world "$world/aws/world.json"
  wait_until 15 aws_is_up || give_up 'the AWS on loopback did not start' "$world/aws.out"
  aws_endpoint=$(sed -n 's/.*"aws":"\([^"]*\)".*/\1/p' "$world/aws.out")
  aws_control=$(sed -n 's/.*"control":"\([^"]*\)".*/\1/p' "$world/aws.out")
}

use_aws() {
  unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE AWS_WEB_IDENTITY_TOKEN_FILE AWS_ROLE_ARN
  export AWS_CONFIG_FILE=$world/aws/config AWS_SHARED_CREDENTIALS_FILE=$world/aws/credentials AWS_ENDPOINT_URL=$aws_endpoint
  export AWS_REGION=$aws_region AWS_DEFAULT_REGION=$aws_region AWS_EC2_METADATA_DISABLED=true
}

# Debian's awscli does not read AWS_ENDPOINT_URL: it is told by an option.
aws_cli() { (use_aws && AWS_PAGER='' "$aws_program" --endpoint-url "$aws_endpoint" "$@"); }

create_keys_secret() {
  aws_cli secretsmanager create-secret --name "$aws_secret" --secret-string "file://$1" >"$world/aws-cli.out" 2>&1 ||
    give_up 'awscli could not create the secret' "$world/aws-cli.out"
}

rotate_keys_secret() {
  aws_cli secretsmanager put-secret-value --secret-id "$aws_secret" --secret-string "file://$1" >"$world/aws-cli.out" 2>&1 ||
    give_up 'awscli could not rotate the secret' "$world/aws-cli.out"
}

# version_with STAGE: the id of the version that has this label.
version_with() {
  aws_cli secretsmanager describe-secret --secret-id "$aws_secret" --output text --query "VersionIdsToStages.keys(@)" | tr '\t' '\n' | while read -r id; do
    if aws_cli secretsmanager get-secret-value --secret-id "$aws_secret" --version-id "$id" --query VersionStages --output text | grep -qw "$1"; then
      printf '%s\n' "$id"
    fi
  done
}

roll_back_keys_secret() {
  local current previous
  current=$(version_with AWSCURRENT)
  previous=$(version_with AWSPREVIOUS)
  aws_cli secretsmanager update-secret-version-stage --secret-id "$aws_secret" --version-stage AWSCURRENT --move-to-version-id "$previous" \
    --remove-from-version-id "$current" >"$world/aws-cli.out" 2>&1 || give_up 'awscli could not move the label' "$world/aws-cli.out"
}

stop_aws() {
  local pid
  [ -s "$world/aws.pid" ] || return 0
  pid=$(cat "$world/aws.pid")
  kill -TERM "$pid" 2>/dev/null || return 0
  wait_until 5 sh -c "! kill -0 $pid 2>/dev/null" || kill -KILL "$pid" 2>/dev/null || true
}
