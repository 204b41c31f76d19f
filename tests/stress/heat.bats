#!/usr/bin/env bats
# What tests/commands/heat.bats does, at length and by the CPU time that workers really get.
#
# Alone: the simulated processor gets as hot as the workers get CPU time.

load ../commands/helpers

bench() {
    run python3 "$ROOT/tests/commands/heat_bench.py" "$@"
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "heat, at length: 75 degC, by CPU time, of processors quick and slow" {
    for tau in 1 4 12; do
        bench "hold:$((20 + 5 * tau)):$tau:75"
        rm -rf root.*
    done
}

@test "heat, at length: every failure of the sensor, ten times" {
    for _ in $(seq $((10 / ${STRESS_DIVISOR:-1}))); do
        bench break:removed break:frozen break:constant break:nan break: break:0 break:-273200 \
            break:255000 break:120000 "break:65000 garbage" break:jumping \
            break:99999999999999999999
        rm -rf root.*
    done
}

@test "heat, at length: kill -9 of the parent, a hundred times" {
    for _ in $(seq $((100 / ${STRESS_DIVISOR:-1}))); do
        bench kill
        rm -rf root.*
    done
}

@test "heat, at length: profiled it takes as much CPU time for its operations, but for 2 %" {
    # best COMMAND...: the least CPU time for 400 products out of five times.
    best() {
        for _ in 1 2 3 4 5; do
            "$@" "$PROFINJECT" heat --sensor none --duty 100 --products 400 --size 500 |
                sed -n 's/.* operations in \(.*\) s of CPU time/\1/p'
        done | sort -n | head -n 1
    }
    alone=$(best env)
    profiled=$(best "$PROFINJECT" record -q --force -o recording --)
    echo "$alone s, $profiled s profiled"
    awk -v a="$alone" -v p="$profiled" 'BEGIN { exit !(p < a * 1.02 + 0.02) }'
}
