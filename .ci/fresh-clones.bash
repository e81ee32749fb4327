# Any command of README.md may be the first one in a fresh clone, and any other one may follow it. pnpm installs for a command
# with `--filter` what that package needs and no more, so three orders are tried: a tool first, a worker first, and a script
# of the root first. Needs: $root, the checkout; $work, a folder; `smoke` of .ci/run.

# new_clone NAME: a clone of the last commit, in $clone.
new_clone() {
  clone=$work/clone-$1
  git clone -q --depth 1 --upload-pack "git -c safe.directory=$root -c safe.directory=$root/.git upload-pack" \
    "file://$root" "$clone"
}

in_clone() { (cd "$clone" && npx --yes pnpm@12 "$@"); }

# expect TEXT COMMAND...: runs a command that ends with an error, and fails when it did not print TEXT.
expect() {
  local text=$1 printed
  shift
  printed=$("$@" 2>&1) && { echo "should have failed: $*"; return 1; }
  printf '%s\n' "$printed"
  [[ $printed == *"$text"* ]] || { echo "did not print: $text"; return 1; }
}

# refuse TEXT: fails when its standard input, which it passes on, holds TEXT.
refuse() {
  local printed
  printed=$(cat)
  printf '%s\n' "$printed"
  [[ $printed != *"$1"* ]] || { echo "must not print: $1"; return 1; }
}

hash_two_passwords() {
  local printed
  printed=$(in_clone --silent --filter hash-cli run tc_calendar --hash_pass a 'b c' --key-file "$clone/.local-key" 2>/dev/null)
  printf '%s\n' "$printed"
  # Two arguments stay two, and standard output holds nothing else.
  [[ $(grep -c '^Your encrypted data: ' <<<"$printed") -eq 2 && $(wc -l <<<"$printed") -eq 2 ]]
}

no_config_error() { echo "there is no config at $clone/none.json"; }

tool_first() {
  new_clone tool-first
  hash_two_passwords
  (cd "$clone" && smoke npx --yes pnpm@12)
  in_clone test packages/hash-cli/src/arguments.test.ts
}

worker_first() {
  new_clone worker-first
  expect "$(no_config_error)" in_clone --filter sync-worker start --config "$clone/none.json"
  in_clone bench --help
  in_clone test tools/stack-driver
  expect "$(no_config_error)" in_clone start --config "$clone/none.json"
}

root_first() {
  new_clone root-first
  # The machine's Node may be older than the one that the packages ask for: nothing may warn of it.
  expect "$(no_config_error)" in_clone start --config "$clone/none.json" | refuse WARN
  hash_two_passwords
  in_clone run imports
  expect "$(no_config_error)" in_clone --filter launcher start --config "$clone/none.json"
}
