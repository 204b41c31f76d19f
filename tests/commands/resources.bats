# Resources by the collector: known loads, who follows the machine, what it may not cost.

load helpers

told() { # of which series a trace has values
    python3 "$CHECKS/resources.py" names "$1"
}

# In how many traces the machine is followed at the same time. One after the other may, as
# processes end.
followers() {
    python3 "$CHECKS/resources.py" at-once "$@"
}

@test "a known load is told as it was, from outside and from inside" {
    record r "$PROGRAMS/resource_load" file >lines
    python3 "$CHECKS/resources.py" load r/*.pinj lines
    preloaded q "$PROGRAMS/resource_load" file >lines
    python3 "$CHECKS/resources.py" load q/*.pinj lines
}

@test "a target that closes all descriptors and may have few is followed all the same" {
    preloaded q "$PROGRAMS/resource_load" file few >lines
    python3 "$CHECKS/resources.py" load q/*.pinj lines
    [ ! -s q/messages ]
}

@test "one of many processes follows the machine" {
    record r sh -c "$PROGRAMS/spin 0.7 & $PROGRAMS/spin 0.7 & wait"
    [ "$(followers r/*.pinj)" -eq 1 ]
    preloaded q sh -c "$PROGRAMS/spin 0.7 & $PROGRAMS/spin 0.7 & wait"
    [ "$(followers q/*.pinj)" -eq 1 ]
}

@test "another one follows it when that one has ended, or was killed" {
    record r sh -c "$PROGRAMS/spin 1.2 & exec $PROGRAMS/spin 0.4"
    # The one that record does not wait for: what is still written may not be read.
    for ((i = 0; i < 200; i++)); do [ "$(fact 'per_process | any(.exit == "unknown")' r)" = false ] && break; sleep 0.1; done
    [ "$(fact 'per_process | map(.exit) | sort | join(", ")' r)" = "exec, exit 0, exit 0" ]
    [ "$(followers r/*.pinj)" -eq 1 ]
    preloaded q sh -c "$PROGRAMS/spin 1.5 & echo \$! >pid; sleep 0.7; kill -9 \$\$" || true
    for ((i = 0; i < 200; i++)); do kill -0 "$(cat pid)" 2>/dev/null || break; sleep 0.1; done
    [ "$(followers q/spin.*.pinj)" -eq 1 ]
}

@test "without resources, and in processes of a moment, there are none" {
    "$PROFINJECT" record -q --resources 0 -o r -- "$PROGRAMS/spin" 0.5
    [ -z "$(told r/*.pinj)" ]
    "$PROFINJECT" info r | grep -q 'resources  *off'
    preloaded q sh -c 'for i in 1 2 3 4 5; do /bin/true; done'
    for trace in q/true.*.pinj; do [ -z "$(told "$trace")" ]; done
}

@test "a paused recording is not looked at" {
    "$PROFINJECT" record -q --start-paused -o r -- "$PROGRAMS/spin" 0.5
    for trace in r/*.pinj; do [ -z "$(told "$trace")" ]; done
}

@test "a machine's root may be named from here, and has to be there" {
    mkdir -p root/proc root/sys
    echo '7.25 7.00 6.50 1/100 4242' >root/proc/loadavg
    "$PROFINJECT" record -q --resources-root root -o r -- "$PROGRAMS/spin" 1.2
    "$PROFINJECT" report --json r >r.json
    [ "$(jq '[.resources[] | select(.name == "load.1") | .summary.mean][0]' r.json)" = 7.25 ]
    run -125 "$PROFINJECT" record --resources-root nowhere -o n -- true
    [ "$output" = "profinject record: cannot open 'nowhere': No such file or directory" ]
}
