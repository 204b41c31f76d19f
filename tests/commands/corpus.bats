#!/usr/bin/env bats
# Names, inline chains and lines of addresses against llvm-symbolizer, addr2line and gdb, over
# programs compiled here in every way that changes what a file carries, and over the system's
# own stripped files. tests/corpus/reasons.py says which differences are spelling.

load helpers

needs() {
    for tool; do
        command -v "$tool" >/dev/null || skip "needs $tool"
    done
}

@test "DWARF 2 to 5, inlined, split, packed, compressed, shared, reduced, folded: as others read them" {
    needs gcc g++ clang clang++ llvm-symbolizer llvm-dwarfdump addr2line gdb nm readelf
    run -0 python3 "$ROOT/tests/corpus/check_corpus.py" "$PROFINJECT" corpus
    echo "$output"
    [[ $output == *" addresses of "* ]]
}

@test "stripped files of the system are named through the build-ids of their debug packages" {
    needs llvm-symbolizer addr2line gdb nm readelf
    installed=$(dpkg-query -W -f='${db:Status-Status} ' libc6-dbg libbinutils-dbg 2>/dev/null) || true
    [[ $installed == *installed* ]] || skip "needs libc6-dbg or libbinutils-dbg"
    run -0 python3 "$ROOT/tests/corpus/check_corpus.py" --installed --least 3000 "$PROFINJECT" corpus
    echo "$output"
}
