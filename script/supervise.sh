# shellcheck shell=bash
# Sourced by the scripts that run a command between a set-up and a clean-up.
#
#   supervise COMMAND...   runs COMMAND and takes its exit code. A signal to this script reaches COMMAND and all that it
#                          started: in a process group of its own, so that nothing is left behind; but at a terminal in
#                          the terminal's group, where the keyboard's signals go and programs may read.
#   end_command            ends what supervise runs, by force after ten seconds. For the script's EXIT trap.

trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
command_group=

supervise() {
  if [ -t 0 ]; then
    "$@"
  else
    set -m
    "$@" &
    set +m
    command_group=$!
    wait "$command_group"
  fi
}

end_command() {
  [ -n "$command_group" ] || return 0
  kill -TERM -- "-$command_group" 2>/dev/null || return 0
  for _ in {1..100}; do
    kill -0 -- "-$command_group" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL -- "-$command_group" 2>/dev/null || return 0
}
