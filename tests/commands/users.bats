#!/usr/bin/env bats
# Programs that run as another user than the one who records: they cannot reach the recording.
# Alone: it asks what this user has left behind.

load helpers

# Where every user can read it.
public() {
    [ "$(id -u)" -eq 0 ] || skip "needs root"
    command -v setpriv >/dev/null || skip "needs setpriv"
    PUBLIC=$(mktemp -d)
    chmod 755 "$PUBLIC"
    cp "$PROFINJECT" "$LIBRARY" "$PROGRAMS/spin" "$PROGRAMS/brief_children" "$PUBLIC"
}

teardown() {
    rm -rf "${PUBLIC-}"
}

as_nobody() {
    "$PUBLIC/profinject" record --quiet --output recording -- setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

@test "what runs as another user is in the recording, and belongs to whose that is" {
    public
    as_nobody "$PUBLIC/spin" 0.2
    "$PROFINJECT" info --json recording |
        jq -e '[.per_process[] | select(.comm == "spin" and .samples >= 5)] | length == 1'
    [ "$(stat -c '%u %a' recording/spin.*.pinj)" = "0 600" ]
    [ ! -s recording/messages ]
    [ -z "$(find /dev/shm -maxdepth 1 -name 'profinject.annex.*' -user 65534 -newer "$PUBLIC/spin")" ]
}

@test "so are its children" {
    public
    as_nobody "$PUBLIC/brief_children" allocate 5 >printed
    "$PROFINJECT" info --json recording | jq -e '[.per_process[] | select(.comm == "brief_children")] | length == 6'
}
