#!/usr/bin/env bats
# Whose frames are shown, and what functions without a name are called.

load helpers

# shares OWN FOLDED: samples, those with the mark, those below run, calls of malloc by the program, and what
# must not be there.
shares() {
    awk '
        NR == FNR { own[$1] = 1; next }
        {
            value = $NF
            sub(/ [0-9]+$/, "")
            count = split($0, frames, ";")
            all += value
            for (i = 1; i <= count; i++) {
                wrong += (frames[i] in own) || (frames[i] == "[profinject]" && i < count)
                # A hook and the function behind it are one call.
                wrong += frames[i] == "malloc" && frames[i - 1] == "malloc"
                direct += frames[i] == "malloc" && frames[i - 1] ~ /^(allocate_every_way|resize_some)$/
            }
            mark += frames[count] == "[profinject]" ? value : 0
            run += /(^|;)run(;|$)/ ? value : 0
        }
        END { print all + 0, mark + 0, run + 0, direct + 0, wrong + 0 }' "$@"
}

@test "frames of the profiler are not the program's; what it costs is one mark" {
    # Every function of the library that neither libc nor the program has too.
    libc=$(ldd "$LIBRARY" | sed -n 's/.*=> \(.*libc\.so\.6\) .*/\1/p')
    { nm -D --defined-only "$libc" && nm "$PROGRAMS/alloc_exact"; } |
        awk '{ sub(/@.*/, "", $NF); print $NF }' | sort -u >others
    nm --defined-only "$LIBRARY" | awk '$2 ~ /[tT]/ { print $3 }' | sort -u | comm -23 - others >own
    [ "$(wc -l <own)" -ge 100 ]
    # Counted, a block costs little. Sampled 512 KiB apart, two of three blocks of 300 000 and
    # 700 000 bytes are walked, 43 to 50 % of the time of a program that does nothing else.
    for mode in counters=0.2 sampled=0.5; do
        PROFINJECT_HEAP=${mode%=*} PROFINJECT_HEAP_INTERVAL=4M \
            record "${mode%=*}" "$PROGRAMS/alloc_exact" 150000 >truth.json
        "$PROFINJECT" folded --metric samples "${mode%=*}" >samples.folded
        read -r all mark run direct wrong <<<"$(shares own samples.folded)"
        echo "$mode: $all samples, $mark with the mark, $run below run, $direct calls, $wrong wrong"
        awk -v all="$all" -v mark="$mark" -v run="$run" -v most="${mode#*=}" \
            'BEGIN { exit !(mark > 0 && mark < all * most && run >= all * 0.95) }'
        [ "$direct" -gt 0 ] && [ "$wrong" -eq 0 ]
    done
}

@test "a stripped function has one name, made of its start" {
    record recording "$PROGRAMS/spin_stripped" 1
    start=$(nm "$PROGRAMS/spin" | sed -n 's/^0*\([0-9a-f]*\) t spin_here$/\1/p')
    [ -n "$start" ]
    name="[spin_stripped+0x$start]"
    "$PROFINJECT" folded --metric samples recording >samples.folded 2>folded.err
    grep -q 'is stripped' folded.err
    run -0 awk -v name="$name" '
        { value = $NF; sub(/ [0-9]+$/, ""); all += value }
        substr($0, length($0) - length(name) + 1) == name { lines++; seen += value }
        END { print lines, seen, all; exit !(lines == 1 && seen >= all * 0.95) }' samples.folded
    # Many addresses, one row.
    "$PROFINJECT" export --format json -o profile.json recording 2>/dev/null
    run -0 jq -e --arg name "$name" '
        [.. | objects | select(.symbol? == $name) | .addr] | unique | length >= 2' profile.json
    "$PROFINJECT" report --json recording 2>/dev/null >report.json
    run -0 jq -e --arg name "$name" '[.functions[] | select(.function == $name)] | length == 1' report.json
}
