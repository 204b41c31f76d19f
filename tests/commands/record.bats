#!/usr/bin/env bats
# `profinject record` as seen by its user and by the command: exit statuses,
# signals, stdio, the recording, the last words.

load helpers

# refused STATUS TEXT ARGUMENT...: record fails before the command, in one line.
refused() {
    local status_wanted=$1 text=$2
    shift 2
    run "-$status_wanted" --separate-stderr "$PROFINJECT" record "$@"
    echo "$status: $output: $stderr"
    [ -z "$output" ]
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ "$stderr" == *"$text"* ]]
}

@test "the exit status is the command's" {
    for wanted in 0 1 7 125 255; do
        run -$wanted "$PROFINJECT" record -q -o "r$wanted" -- sh -c "exit $wanted"
        grep -qx "exit=exit $wanted" "r$wanted/manifest"
    done
    # shellcheck disable=SC2016  # for the inner shell
    for signal in 1 2 9 15; do
        run -$((128 + signal)) "$PROFINJECT" record -q -o "s$signal" -- \
            sh -c 'kill -$0 $$' "$signal"
        grep -qx "exit=signal $signal" "s$signal/manifest"
    done
}

@test "stdin, stdout and stderr are the command's" {
    run -0 --separate-stderr bash -c "echo in | '$PROFINJECT' record -q -o r -- \
        sh -c 'cat; echo error >&2'"
    [ "$output" = in ]
    [ "$stderr" = error ]
}

@test "the command sees its arguments, its directory and an environment with three changes" {
    run -0 "$PROFINJECT" record -q -o r -- printf '<%s>' -q --force '' 'a  b' --
    [ "$output" = "<-q><--force><><a  b><-->" ]
    run -0 "$PROFINJECT" record -q -o d pwd
    [ "$output" = "$PWD" ]
    env | sort | grep -v '^_=' >bare
    "$PROFINJECT" record -o e env 2>/dev/null | sort | grep -v '^_=' >injected
    run -1 diff bare injected
    [ "$(grep -c '^[<>]' <<<"$output")" -eq 2 ]
    grep -qx "LD_PRELOAD=$LIBRARY" injected
    grep -qx "PROFINJECT_RECORDING=$PWD/e" injected
}

@test "options become variables, and only those given" {
    "$PROFINJECT" record -q -F 99 --heap off --no-children --max-depth=64 -o r env >seen
    run -0 grep '^PROFINJECT_' seen
    [ "$(sort <<<"$output")" = "$(printf '%s\n' PROFINJECT_CHILDREN=off PROFINJECT_FREQUENCY=99 \
        PROFINJECT_HEAP=off PROFINJECT_MAX_DEPTH=64 PROFINJECT_QUIET=on \
        "PROFINJECT_RECORDING=$PWD/r")" ]
}

@test "an existing LD_PRELOAD stays behind ours, which is there once" {
    libc=$(ldd "$LIBRARY" | sed -n 's/.*=> \(.*libc\.so\.6\) .*/\1/p')
    LD_PRELOAD=$libc "$PROFINJECT" record -q -o r env >seen
    grep -qx "LD_PRELOAD=$LIBRARY:$libc" seen
    LD_PRELOAD=$LIBRARY:$libc PROFINJECT_RECORDING=$PWD/r "$PROFINJECT" record -q -o s env >seen
    grep -qx "LD_PRELOAD=$LIBRARY:$libc" seen
}

@test "a command that cannot be run leaves no recording behind" {
    refused 127 "profinject record: cannot run 'no-such-command': No such file or directory" \
        -o r -- no-such-command
    echo >plain
    refused 126 "cannot run './plain': Permission denied" -o r -- ./plain
    refused 126 "cannot run '/': Permission denied" -o r /
    [ ! -e r ]
}

@test "what is wrong is said before the command starts" {
    refused 125 "COMMAND is missing"
    refused 125 "COMMAND is missing" -F 100 --
    refused 125 "unknown option '--sing'" --sing touch ran
    refused 125 "--frequency '0': allowed: 1..100000" -F 0 touch ran
    refused 125 "--frequency 'x': allowed: 1..100000" --frequency=x touch ran
    refused 125 "--heap 'all': allowed: off|counters|sampled|exact" --heap all touch ran
    refused 125 "--clock 'sun': allowed: auto|cpu|perf|itimer|wall" --clock sun touch ran
    refused 125 "--max-depth '': allowed: 16..4096" --max-depth= touch ran
    refused 125 "--output '': allowed: a directory name" -o '' touch ran
    refused 125 "--output 'a%q': allowed after %: c p t h %" -o a%q touch ran
    PROFINJECT_HEAP=x refused 125 "PROFINJECT_HEAP 'x': allowed: off|counters|sampled|exact" touch ran
    PROFINJECT_OUTPUT=%1 refused 125 "PROFINJECT_OUTPUT '%1': allowed after %: c p t h %" touch ran
    run -0 find . -name ran -o -name '*prof*' -o -name manifest
    [ -z "$output" ]
}

@test "an option wins over its variable" {
    PROFINJECT_HEAP=x "$PROFINJECT" record -q --heap off -o r env >seen
    grep -qx PROFINJECT_HEAP=off seen
}

@test "output that cannot be written" {
    refused 125 "cannot create '/proc/r': " -o /proc/r true
    refused 125 "cannot create '$PWD/missing/r': No such file or directory" -o missing/r true
    echo >file
    refused 125 "cannot create '$PWD/file': " -o file true
    [ -f file ]
    mkdir gone
    cd gone
    rmdir ../gone
    refused 125 "cannot create 'profinject.%c.%t': No such file or directory" true
}

@test "an existing recording is kept unless --force, other directories always" {
    "$PROFINJECT" record -q -o r -- sh -c 'exit 3' || [ $? -eq 3 ]
    refused 125 "cannot create '$PWD/r': a recording is there already: use --force" -o r true
    grep -qx 'exit=exit 3' r/manifest
    "$PROFINJECT" record -q --force -o r true
    grep -qx 'exit=exit 0' r/manifest
    run -1 grep -x 'exit=exit 3' r/manifest
    mkdir mine
    echo >mine/file
    refused 125 "cannot create '$PWD/mine': " --force -o mine true
    [ -f mine/file ]
}

@test "the directory's name is made of command, process and time" {
    "$PROFINJECT" record -q -o 'x%%.%c.%p' /bin/true
    run -0 bash -c 'echo x*'
    [[ "$output" =~ ^x%\.true\.[0-9]+$ ]]
    rm -r x%*
    "$PROFINJECT" record -q true
    run -0 bash -c 'echo *'
    [[ "$output" =~ ^profinject\.true\.[0-9]{8}-[0-9]{6}$ ]]
}

@test "the manifest names the command as a shell would take it, its process and its end" {
    # shellcheck disable=SC2016  # for the inner shell
    "$PROFINJECT" record -q -o r -- sh -c 'echo $$ >pid' "it's"
    grep -qx "pid=$(cat pid)" r/manifest
    grep -qxF "command=sh -c 'echo \$\$ >pid' 'it'\\''s'" r/manifest
    "$PROFINJECT" record -q --no-args -o s -- sh -c 'exit 0' secret
    grep -qx 'command=sh' s/manifest
    run -1 grep -r secret s
}

@test "the last words are three lines: verdict, place, what to type" {
    run -0 --separate-stderr "$PROFINJECT" record -o 'my recording' -- "$PROGRAMS/spin" 0.3
    [ -z "$output" ]
    [ "${#stderr_lines[@]}" -eq 3 ]
    [[ "${stderr_lines[0]}" =~ ^profinject:\ .*\ wall,\ .*\ CPU,\ 1\ process,\ [0-9]+\ samples ]]
    [[ "${stderr_lines[0]}" == *"hottest: spin_here "* ]]
    [ "${stderr_lines[1]}" = "profinject: recording in 'my recording'" ]
    [ "${stderr_lines[2]}" = "profinject: next: profinject report 'my recording'" ]
    run -0 bash -c "PATH='$BUILD':\$PATH; ${stderr_lines[2]#profinject: next: }"
    [[ "$output" == *spin_here* ]]
}

@test "what the library said is in the last words" {
    run -0 --separate-stderr "$PROFINJECT" record -o r -- \
        sh -c 'echo "the disk is full" >>"$PROFINJECT_RECORDING/messages"'
    [ "${#stderr_lines[@]}" -eq 3 ]
    [ "${stderr_lines[1]}" = "profinject: recording in r; it says: the disk is full" ]
}

@test "without a trace one line says so" {
    # A library that does nothing stands in for one that cannot start.
    cp "$PROFINJECT" .
    cc -shared -o libprofinject.so -x c /dev/null
    run -3 --separate-stderr ./profinject record -o r -- sh -c 'exit 3'
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ "$stderr" == "profinject: no profile: nothing was written to 'r': "* ]]
    run -0 --separate-stderr ./profinject record -o s -- \
        sh -c 'echo "no timers here" >"$PROFINJECT_RECORDING/messages"'
    [ "$stderr" = "profinject: no profile: no timers here" ]
}

@test "--quiet says nothing, about itself" {
    run -0 --separate-stderr "$PROFINJECT" record --quiet -o r -- true
    [ -z "$output$stderr" ]
    PROFINJECT_QUIET=on run -0 --separate-stderr "$PROFINJECT" record -o s -- true
    [ -z "$output$stderr" ]
}

@test "a static program runs, and one line says why there is no profile" {
    echo 'int main(void) { return 5; }' >static.c
    cc -static -o static static.c 2>cc.err || skip "no static libc: $(tail -n 1 cc.err)"
    run -5 --separate-stderr "$PROFINJECT" record -o r -- ./static
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ "$stderr" == "profinject: './static' is statically linked"*"no profile"* ]]
    printf '#!%s/static\n' "$PWD" >script
    chmod +x script
    run -5 --separate-stderr "$PROFINJECT" record -o s -- ./script
    [[ "$stderr" == *"/static' is statically linked"* ]]
}

@test "Ctrl-C ends the command; record survives it and tells the end" {
    # A shell without job control starts background commands with SIGINT ignored;
    # perl puts it back and makes a process group of its own.
    cat >interrupt.pl <<'PERL'
my $pid = fork();
if ($pid == 0) {
    setpgrp(0, 0);
    $SIG{INT} = 'DEFAULT';
    exec(@ARGV) or die;
}
my $tries = 0;
select(undef, undef, undef, 0.05) while !-e 'started' && $tries++ < 200;
kill('INT', -$pid);
waitpid($pid, 0);
print $? >> 8, ' ', $? & 127, "\n";
PERL
    run -0 --separate-stderr perl interrupt.pl "$PROFINJECT" record -o r -- \
        sh -c 'touch started; exec sleep 30'
    [ "$output" = "130 0" ]
    grep -qx 'exit=signal 2' r/manifest
    [ "${#stderr_lines[@]}" -eq 3 ]
}

@test "SIGTERM and SIGHUP reach the command" {
    for signal in TERM HUP; do
        rm -f started
        "$PROFINJECT" record -q -o "r$signal" -- sh -c 'touch started; exec sleep 30' &
        pid=$!
        while [ ! -e started ]; do sleep 0.05; done
        kill -$signal $pid
        wait $pid && status=0 || status=$?
        [ "$status" -eq $((128 + $(kill -l $signal))) ]
    done
}

@test "a killed process leaves no ring file behind, and its trace is read" {
    # shellcheck disable=SC2016  # for the inner shell
    run -137 "$PROFINJECT" record -q -o r -- \
        bash -c 'while [ $SECONDS -lt 3 ]; do :; done; kill -9 $$'
    rings=$(sed -n 's/^rings=//p' r/manifest)
    id=$(sed -n 's/^id=//p' r/manifest)
    run -0 find "$rings" -maxdepth 1 -name "profinject.$id.*"
    [ -z "$output" ]
    [ "$(fact exit r)" = "signal 9" ]
}

# traces RECORDING: their names, in order.
traces() {
    find "$1" -name '*.pinj' -printf '%f\n' | sort
}

@test "record inside record makes a recording of its own" {
    for form in record preloaded; do
        rm -rf outer inner
        "$form" "$PWD/outer" "$PROFINJECT" record -q -o inner -- bash -c 'echo $PPID >pid; exec "$0" 0.1' "$PROGRAMS/spin"
        spin=$(sed -n 's/^pid=//p' inner/manifest) keeper=$(sed -n 's,^servant=/proc/\([0-9]*\)/.*,\1,p' inner/manifest)
        [ "$(traces inner)" = "$(printf '%s\n' "bash.$spin.pinj" "spin.$spin.pinj")" ]
        # The inner record itself and its keeper; and, if a tick came before it was the command, the
        # child that became it.
        [ "$(traces outer | grep -vxF "profinject.$spin.pinj")" = \
            "$(printf 'profinject.%d.pinj\n' "$(cat pid)" "$keeper" | sort)" ]
    done
}

@test "it works from an installation" {
    mkdir -p usr/bin usr/lib/profinject
    cp "$PROFINJECT" usr/bin/profinject
    cp "$LIBRARY" usr/lib/profinject/libprofinject.so
    usr/bin/profinject record -q -o r -- "$PROGRAMS/spin" 0.1
    [ "$(find r -name 'spin.*.pinj' | wc -l)" -eq 1 ]
    rm -r usr/lib
    run -125 --separate-stderr usr/bin/profinject record -o s -- true
    [[ "$stderr" == "profinject record: cannot find 'libprofinject.so'"* ]]
    [ ! -e s ]
}

@test "programs started in the same second under the default name each get a recording" {
    for i in 1 2 3 4; do "$PROFINJECT" record -q -- "$PROGRAMS/spin" 0.1 & done
    for i in 1 2 3 4; do LD_PRELOAD=$LIBRARY "$PROGRAMS/spin" 0.1 2>>stderr & done
    wait
    [ ! -s stderr ]
    [ "$(find . -name 'spin.*.pinj' | wc -l)" -eq 8 ]
    [ "$(find . -maxdepth 1 -name 'profinject.spin.*' | wc -l)" -eq 8 ]
}
