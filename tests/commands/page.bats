#!/usr/bin/env bats
# The HTML report in a browser, on documents made by hand (tests/browser/page_documents.py) whose
# sums are known: what is drawn, shown and said, by mouse and by keyboard. In few tests, since each
# starts a browser.

load helpers

# page GROUP...: groups of checks of tests/browser/check_page.py; resources GROUP...: of check_resources.py.
page() {
    checks check_page.py "$@"
}
resources() {
    checks check_resources.py "$@"
}
checks() {
    run env BUILD="$BUILD" timeout 120 /usr/bin/python3 "$ROOT/tests/browser/$1" "${@:2}"
    echo "$output"
    [ "$status" -ne 77 ] || skip "${output#skip: }"
    [ "$status" -eq 0 ]
}

@test "page: sums, filters and parts of the time are those of the data" {
    page sums filters brush signed time
}

@test "page: zoom, search, callers and callees, tables" {
    page zoom search sandwich tables
}

@test "page: two recordings compared; light, dark and paper" {
    page diff theme contrast
}

@test "page: all of it by keyboard" {
    page keyboard
}

@test "page: names that are markup, controls and 64 KB are text; nothing, one sample, 3000 threads, 5000 frames" {
    page hostile shapes
}

@test "page: a million nodes" {
    page large
}

@test "page: resources under one cursor, what goes with what, what limits the program" {
    resources cursor keys links matrix findings
}

@test "page: resources with hostile names, without any, in both themes, on paper, of 256 processors" {
    resources strange contrast print many
}

@test "page: not larger than it has to be" {
    [ "$(cat "$BUILD/page/page.js" "$BUILD/page/page.css" | wc -c)" -le 250000 ]
}

@test "page: its scripts make text and elements, never markup, and ask nobody for anything" {
    run -1 grep -nE 'innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new Function\(|fetch\(|XMLHttpRequest|WebSocket|sendBeacon' \
        "$ROOT"/analyzer/page/*.js
}
