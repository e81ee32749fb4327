# Steps of .ci/run: each is announced and timed, and ended when it hangs; one that fails shows its output and the others go on.
# Needs: $work, a folder; $run_budget and $step_budget, minutes; CALENDAR_CI_RUN in the environment, by which processes that
# stay behind are found.

passed=0
failed=0
failed_steps=()
step_names=()
step_seconds=()
# A step that takes this long hangs. The budgets are shorter, and only reported: a busy machine is no failure.
step_limit=${CALENDAR_CI_STEP_SECONDS:-1800}

# step NAME COMMAND...
step() {
  local name=$1 log status=0 began=$SECONDS
  shift
  log=$(mktemp "$work/step.XXXXXX")
  printf '\n== %s (at %d:%02d)\n' "$name" $((SECONDS / 60)) $((SECONDS % 60))
  set +e
  limited "$@" >"$log" 2>&1
  status=$?
  set -e
  step_names+=("$name")
  step_seconds+=($((SECONDS - began)))
  if [[ $status -eq 0 ]]; then
    echo "   ok, $((SECONDS - began)) s"
    return 0
  fi
  cat "$log"
  [[ $status -ne 124 ]] || echo "   took longer than $step_limit s"
  echo "   FAILED with exit code $status, $((SECONDS - began)) s"
  failed_steps+=("$name")
  [[ -n ${counting:-} ]] || failed=$((failed + 1))
  return 0
}

# needed_step NAME COMMAND...: nothing else can be checked when this fails.
needed_step() {
  local before=${#failed_steps[@]}
  step "$@"
  [[ ${#failed_steps[@]} -eq $before ]] || finish
}

# test_step NAME COMMAND...: the command takes vitest's options.
test_step() {
  local name=$1
  shift
  run_tests() { local results=$1; shift; "$@" --reporter=default --reporter=json --outputFile.json="$results"; }
  counted_step "$name" run_tests "$@"
}

# test_step_of NAME COMMAND...: the command takes the file for vitest's results as its last argument.
test_step_of() {
  local name=$1
  shift
  run_tests() { local results=$1; shift; "$@" "$results"; }
  counted_step "$name" run_tests "$@"
}

counted_step() {
  local name=$1 function=$2 results counts before=${#failed_steps[@]}
  shift 2
  results=$(mktemp "$work/results.XXXXXX")
  counting=yes step "$name" "$function" "$results" "$@"
  counts=$(node .ci/count-tests.mjs "$results" $((${#failed_steps[@]} - before)) 2>>"$work/failed-tests")
  read -r step_passed step_failed step_skipped <<<"$counts"
  echo "   $step_passed passed, $step_failed failed, $step_skipped skipped"
  passed=$((passed + step_passed))
  failed=$((failed + step_failed))
  if [[ $step_skipped -gt 0 ]]; then
    echo "   FAILED: tests were skipped"
    failed=$((failed + 1))
    failed_steps+=("$name (skipped tests)")
  elif [[ $step_failed -gt 0 && ${#failed_steps[@]} -eq $before ]]; then
    failed_steps+=("$name")
  fi
}

# Runs a command or function in a child that stops at its first error, and ends it when it takes longer than a step may.
# Not to be called where bash ignores errors (after `if`, before `||`): the child would ignore them too.
limited() {
  local pid watch status=0
  (
    set -e
    "$@"
  ) &
  pid=$!
  # Without the mark, since it is none of the processes that may stay behind.
  env -u CALENDAR_CI_RUN sleep "$step_limit" &
  watch=$!
  wait -n "$pid" "$watch" || status=$?
  if kill -0 "$pid" 2>/dev/null; then
    end_leftovers
    wait "$pid" || true
    return 124
  fi
  kill "$watch" 2>/dev/null
  wait "$watch" 2>/dev/null || true
  return "$status"
}

# Pids of the processes that this run started and that still are there, except itself and what it is part of.
leftovers() {
  local environ pid own
  own=" $$ $BASHPID $PPID "
  for environ in /proc/[0-9]*/environ; do
    pid=${environ#/proc/}
    pid=${pid%/environ}
    [[ $own != *" $pid "* ]] || continue
    grep -qzx "CALENDAR_CI_RUN=$CALENDAR_CI_RUN" "$environ" 2>/dev/null || continue
    is_of_this_script "$pid" || echo "$pid"
  done
}

# Subshells of the script carry its very command line.
is_of_this_script() {
  cmp -s "/proc/$1/cmdline" "/proc/$$/cmdline"
}

no_leftovers() {
  local pid found=0
  for pid in $(leftovers); do
    [[ -r /proc/$pid/cmdline ]] || continue
    echo "$pid $(tr '\0' ' ' <"/proc/$pid/cmdline")"
    found=1
  done
  return "$found"
}

end_leftovers() {
  local pid
  for pid in $(leftovers); do kill "$pid" 2>/dev/null || true; done
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    [[ -n $(leftovers) ]] || return 0
    sleep 0.5
  done
  for pid in $(leftovers); do kill -KILL "$pid" 2>/dev/null || true; done
}

finish() {
  local name
  print_times
  # Once more at the end, where they are found: the output of the step itself is long.
  [[ ! -f $work/failed-tests ]] || cat "$work/failed-tests"
  for name in "${failed_steps[@]+"${failed_steps[@]}"}"; do echo "failed: $name"; done
  echo "took $((SECONDS / 60)) min $((SECONDS % 60)) s"
  echo "$passed passed, $failed failed"
  [[ ${#failed_steps[@]} -eq 0 && $failed -eq 0 ]] && exit 0
  exit 1
}

# The minutes of each step, and what took longer than its budget.
print_times() {
  local i
  printf '\n%9s  step\n' minutes
  for i in "${!step_names[@]}"; do printf '%9s  %s\n' "$(minutes "${step_seconds[i]}")" "${step_names[i]}"; done
  printf '%9s  all\n\n' "$(minutes $SECONDS)"
  for i in "${!step_names[@]}"; do over_budget "${step_seconds[i]}" "$step_budget" "${step_names[i]}"; done
  over_budget $SECONDS "$run_budget" 'the whole run'
}

# over_budget SECONDS MINUTES NAME
over_budget() {
  [[ $1 -le $(($2 * 60)) ]] || echo "OVER BUDGET: $3 took $(minutes "$1") min and may take $2"
}

# minutes SECONDS: with two decimals.
minutes() { printf '%d.%02d' $(($1 / 60)) $(($1 % 60 * 100 / 60)); }
