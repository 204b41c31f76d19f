# Recording every event of the heap, and reading them by the specification alone. For exact.bats,
# here and of the long tests.

# exact DIR OPTION... -- COMMAND...: records every event.
exact() {
    local directory=$1
    shift
    "$PROFINJECT" record --quiet --heap exact --output "$directory" "$@"
}

# events DIR [TRUTH]: what the traces in it say.
events() {
    python3 "$CHECKS/check_exact.py" "$@" >events
    cat events
}
