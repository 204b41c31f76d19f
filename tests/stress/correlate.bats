#!/usr/bin/env bats
# Planted truths: six functions, each behind one resource, on schedules of chance; a hundred runs.
# Alone: others' load is what the functions are to be told from.

load ../commands/helpers

@test "the function behind a resource comes first in 90 of 100 runs" {
    run -0 python3 "$ROOT/tests/stress/planted_trials.py" "$PROFINJECT" \
        "$PROGRAMS/planted_resources" 100 10 1
    echo "$output" >&3
    jq -e '.absent == []' <<<"$output"
    jq -e '[.first[]] | min >= 90' <<<"$output"
    jq -e '.false <= .unrelated * 0.05' <<<"$output"
    jq -e '.late >= 90' <<<"$output"
}
