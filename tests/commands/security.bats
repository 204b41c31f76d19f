#!/usr/bin/env bats
# What is recorded, who can read it, and what is followed: README, Security.

load helpers

SECRET_VALUE=open-sesame-7f3a

# everything RECORDING: all its bytes, traces unpacked.
everything() {
    cat "$1"/manifest "$1"/messages
    for trace in "$1"/*.pinj; do
        zstd -dcq "$trace"
    done
}

# nobody COMMAND...: as that user, in a directory of its own.
nobody() {
    setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

# public: PUBLIC, where every user may write, with the programs in it.
public() {
    [ "$(id -u)" -eq 0 ] || skip "needs root"
    command -v setpriv >/dev/null || skip "needs setpriv"
    PUBLIC=$(mktemp -d /tmp/profinject-public.XXXXXX)
    cp "$PROFINJECT" "$LIBRARY" "$PROGRAMS/spin" "$PROGRAMS/late_load" "$PUBLIC"
    chmod 1777 "$PUBLIC"
    cd "$PUBLIC" || return 1
    PROFINJECT=$PUBLIC/profinject LIBRARY=$PUBLIC/libprofinject.so PROGRAMS=$PUBLIC
}

teardown() {
    [ -z "${PUBLIC-}" ] || { cd / && rm -rf "$PUBLIC"; }
}

# ring RECORDING: the ring file of the program in the background, once it is there.
ring() {
    local id rings pattern
    until [ -s "$1/manifest" ]; do sleep 0.02; done
    id=$(sed -n 's/^id=//p' "$1/manifest") rings=$(sed -n 's/^rings=//p' "$1/manifest")
    pattern=$rings/profinject.$id.*.ring
    until compgen -G "$pattern"; do sleep 0.02; done
}

@test "a recording is its owner's alone, whatever the umask, and where a directory was there" {
    umask 0
    mkdir there
    for form in record preloaded; do
        rm -rf there && mkdir there
        "$form" "$PWD/there" "$PROGRAMS/spin" 0.1
        [ "$(stat -c %a there)" = 700 ]
        [ "$(find there -type f -perm /077 | wc -l)" -eq 0 ]
        [ "$(find there -type f | wc -l)" -ge 3 ]
    done
}

@test "the ring is its owner's alone" {
    umask 0
    for form in record preloaded; do
        "$form" "$PWD/$form" "$PROGRAMS/spin" 1 &
        [ "$(stat -c '%a %u' "$(ring "$form")")" = "600 $(id -u)" ]
        wait $!
    done
}

@test "arguments are recorded unless told not to, and the environment never" {
    export SECRET=$SECRET_VALUE
    record with sh -c "$PROGRAMS/spin 0.1; : an-argument"
    everything with >all
    grep -qa an-argument all
    run -1 grep -a "$SECRET_VALUE" all
    "$PROFINJECT" record -q --no-args -o without -- sh -c "$PROGRAMS/spin 0.1; : an-argument"
    PROFINJECT_ARGS=off preloaded "$PWD/bare" sh -c "$PROGRAMS/spin 0.1; : an-argument"
    for recording in without bare; do
        everything "$recording" >all
        run -1 grep -aE "an-argument|$SECRET_VALUE" all
        grep -qa spin all
    done
}

@test "nor are they in the ring" {
    export SECRET=$SECRET_VALUE
    for form in record preloaded; do
        PROFINJECT_ARGS=off "$form" "$PWD/$form" "$PROGRAMS/spin" 1.0625 &
        cp --sparse=always "$(ring "$form")" first
        sleep 0.3 # and once it has something in it
        cp --sparse=always "$(ring "$form")" second
        wait $!
        grep -qa pinjring second
        run -1 grep -aE "$SECRET_VALUE|1\.0625" first second
    done
}

@test "what is exported has no arguments, unless asked" {
    record recording sh -c "$PROGRAMS/spin 0.2; : an-argument"
    "$PROFINJECT" export --format json -o out.json recording
    "$PROFINJECT" flamegraph -o out.svg recording
    "$PROFINJECT" folded -o out.folded recording
    "$PROFINJECT" export --format pinj -o clean recording
    "$PROFINJECT" export --format pinj -o clean.pinj recording/sh.*.pinj
    everything clean >clean.all
    zstd -dcq clean.pinj >pinj.all
    run -1 grep -aE "an-argument" out.json out.svg out.folded clean.all pinj.all
    run -0 --separate-stderr "$PROFINJECT" info --json clean
    [ -z "$stderr" ]
    jq -e '.chunks_damaged == 0 and .samples > 0' <<<"$output"
    [ "$(fact samples clean)" -eq "$(fact samples recording)" ]
    "$PROFINJECT" export --format pinj --with-args -o kept recording
    everything kept | grep -qa "an-argument"
}

@test "a directory, or a link, that another user put there is not written to" {
    public
    nobody mkdir trap elsewhere
    nobody ln -s elsewhere link
    nobody ln -s /etc/passwd file
    for name in trap link file; do
        run -125 --separate-stderr "$PROFINJECT" record -o "$name" -- "$PROGRAMS/spin" 0.05
        [[ "$stderr" == "profinject record: cannot create "* ]]
        run -0 --separate-stderr preloaded "$PUBLIC/$name" "$PROGRAMS/spin" 0.05
        [ -z "$(find trap elsewhere -mindepth 1)" ]
    done
    # And the other way.
    mkdir root && ln -s root rootlink && chmod 777 root
    for name in root rootlink; do
        run -125 --separate-stderr nobody "$PROFINJECT" record -o "$name" -- "$PROGRAMS/spin" 0.05
        [[ "$stderr" == "profinject record: cannot create "* ]]
        [ -z "$(find root -mindepth 1)" ]
    done
}

@test "another user's recording is not joined, nor are rings taken away on its word" {
    public
    nobody mkdir -m 777 theirs
    printf 'profinject-recording 1\nid=1234\nrings=%s\n' "$PUBLIC" >manifest
    nobody cp manifest theirs/manifest
    run -0 env LD_PRELOAD="$LIBRARY" PROFINJECT_RECORDING="$PUBLIC/theirs" "$PROGRAMS/spin" 0.05
    [ "$(ls theirs)" = manifest ]
    # The ring of one that is gone, root's, under the name such a recording would give it.
    gone=$(sh -c 'echo $$')
    echo pinjring >"profinject.0000000000001234.$gone.ring"
    run -1 "$PROFINJECT" info theirs
    [ -e "profinject.0000000000001234.$gone.ring" ]
}

@test "links in a recording are not written through" {
    record recording "$PROGRAMS/spin" 0.05
    rm recording/messages
    echo mine >precious
    ln -s "$PWD/precious" recording/messages
    PROFINJECT_RECORDING=$PWD/recording LD_PRELOAD=$LIBRARY run -0 "$PROGRAMS/regions_odd"
    [ "$(cat precious)" = mine ]
}

@test "in a program with more rights than who started it nothing is done" {
    public
    cp late_load setuid && chmod 4755 setuid
    cd "$(nobody mktemp -d "$PUBLIC/XXXXXX")" || return 1
    run -0 nobody env PROFINJECT_OUTPUT=recording "$PUBLIC/late_load" "$LIBRARY" 0.02
    [ -d recording ]
    rm -r recording
    run -0 nobody env PROFINJECT_OUTPUT=recording "$PUBLIC/setuid" "$LIBRARY" 0.02
    [ -z "$(ls -A)" ]
    [[ "$output" == *"start -"* ]]
}

# capable PROGRAM...: copies of them in PUBLIC, named cap_PROGRAM, with a file capability.
capable() {
    command -v setcap >/dev/null || skip "needs setcap"
    for program; do
        cp "$PUBLIC/$program" "$PUBLIC/cap_$program"
        setcap cap_net_raw+ep "$PUBLIC/cap_$program" || skip "file capabilities are not possible here"
    done
}

@test "nor in one with file capabilities, and record says why; others of the tree are profiled" {
    public
    cp "$(command -v cat)" "$PUBLIC"
    capable spin late_load cat
    cd "$(nobody mktemp -d "$PUBLIC/XXXXXX")" || return 1
    # In the bare form nothing at all.
    run -0 --separate-stderr nobody env LD_PRELOAD="$LIBRARY" PROFINJECT_OUTPUT=recording "$PUBLIC/cap_spin" 0.05
    [ -z "$stderr" ] && [ -z "$(ls -A)" ]
    # Loaded by the program itself.
    run -0 nobody env PROFINJECT_OUTPUT=recording "$PUBLIC/cap_late_load" "$LIBRARY" 0.02
    [[ "$output" == *"start -"* ]] && [ -z "$(ls -A)" ]
    # Under record: one line, and the program has what it was given.
    run -0 --separate-stderr nobody "$PROFINJECT" record -o one -- "$PUBLIC/cap_cat" /proc/self/status
    grep -qx $'CapEff:\t0000000000002000' <<<"$output"
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ "$stderr" == *"/cap_cat' is setuid, setgid or has capabilities"* ]]
    # In a tree it is the only one that is missing.
    run -0 nobody "$PROFINJECT" record -q -o tree -- \
        sh -c "$PUBLIC/spin 0.05; $PUBLIC/cap_cat /dev/null; $PUBLIC/cap_spin 0.05; $PUBLIC/spin 0.05"
    [ "$(find tree -name 'spin.*.pinj' | wc -l)" -eq 2 ]
    [ "$(find tree -name '*.pinj' | wc -l)" -eq 3 ]
    [ "$(find tree -name 'sh.*.pinj' | wc -l)" -eq 1 ]
    # Root has these rights already: for it that program is one like any other.
    cd "$(mktemp -d "$PUBLIC/XXXXXX")" || return 1
    record recording "$PUBLIC/cap_spin" 0.05
    [ "$(find recording -name 'cap_spin.*.pinj' | wc -l)" -eq 1 ]
}
