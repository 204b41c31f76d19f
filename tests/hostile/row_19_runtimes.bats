#!/usr/bin/env bats
# Interpreters, virtual machines and whole pipelines: each has habits of its own with
# signals, stacks, threads and children. Their native frames are complete.

load hostile

needs() {
    command -v "$1" >/dev/null || skip "$1 is not installed"
}

@test "row 19: Python with threads and children" {
    cat >work.py <<'PY'
import subprocess, sys, threading
def count(result):
    result.append(sum(i * i % 7 for i in range(1500000)))
results = []
threads = [threading.Thread(target=count, args=(results,)) for _ in range(3)]
for t in threads: t.start()
for t in threads: t.join()
print(results, subprocess.run(["echo", "child"], capture_output=True, text=True).stdout)
sys.exit(3)
PY
    as_bare /usr/bin/python3 work.py
    all_complete 99 cpu.1
}

@test "row 19: Perl" {
    needs perl
    as_bare perl -e 'my %c; $c{$_ * 7919 % 10007}++ for 1 .. 1500000; print scalar(keys %c), `echo child`; exit 7'
    all_complete 99 cpu.1
}

@test "row 19: bash with traps, subshells and a pipeline" {
    cat >work.sh <<'SH'
trap 'echo trapped' USR1
for ((i = 0; i < 150000; i++)); do x=$((i * 7919 % 101)); done
kill -USR1 $$
seq 20000 | sort -rn | head -3 | while read -r n; do (echo "$n $x"); done
exit 5
SH
    as_bare bash work.sh
    all_complete 99 cpu.1
}

@test "row 19: a shell pipeline" {
    as_bare sh -c 'seq 300000 | awk "{ print \$1 * 7919 % 10007 }" | sort -n | uniq -c | tail -2; yes | head -1'
}

@test "row 19: make -j" {
    needs make
    cat >Makefile <<'MK'
all: a b c d
	@echo all
a b c d:
	@sh -c 'i=0; while [ $$i -lt 60000 ]; do i=$$((i + 1)); done' && echo made >$@
.PHONY: a b c d
MK
    as_bare make -s -j4
    [ "$(cat bare.out)" = all ]
}

@test "row 19: Node" {
    needs node
    cat >work.js <<'JS'
let s = 0;
for (let i = 0; i < 3e7; i++) s = (s * 31 + i) % 1000003;
new Promise(done => setTimeout(done, 50)).then(() => {
    console.log(s, require("child_process").execSync("echo child").toString());
    process.exit(4);
});
JS
    as_bare node work.js
    limited "frames of code made at run time have no names yet, and end the stack"
}

@test "row 19: Ruby" {
    needs ruby
    as_bare ruby -e 's = 0; 5_000_000.times { |i| s = (s * 31 + i) % 1000003 }; puts s, `echo child`; exit 4'
    all_complete 99 cpu.1
}

@test "row 19: PHP" {
    needs php
    as_bare php -r '$s = 0; for ($i = 0; $i < 20000000; $i++) $s = ($s * 31 + $i) % 1000003; echo $s, `echo child`; exit(4);'
    all_complete 99 cpu.1
}

@test "row 19: Java" {
    needs java && needs javac
    cat >Work.java <<'JAVA'
public class Work {
    public static void main(String[] a) throws Exception {
        long s = 0;
        for (int i = 0; i < 200000000; i++) s = (s * 31 + i) % 1000003;
        Thread t = new Thread(() -> { for (int i = 0; i < 100; i++) new byte[1 << 20].clone(); });
        t.start();
        t.join();
        System.out.println(s);
        System.exit(4);
    }
}
JAVA
    javac Work.java
    as_bare java -cp . Work
    limited "frames of code made at run time have no names yet, and end the stack"
}

@test "row 19: Go" {
    needs go
    cat >work.go <<'GO'
package main

import "C" // linked dynamically: otherwise there is nothing to preload
import "fmt"

func main() {
	c := make(chan int)
	for g := 0; g < 4; g++ {
		go func() { s := 0; for i := 0; i < 30000000; i++ { s = (s*31 + i) % 1000003 }; c <- s }()
	}
	fmt.Println(<-c, <-c, <-c, <-c)
}
GO
    go build -o work_go work.go
    as_bare ./work_go
}

@test "row 19: Rust with threads and a caught panic" {
    needs rustc
    cat >work.rs <<'RS'
fn main() {
    let threads: Vec<_> = (0..3u64).map(|t| std::thread::spawn(move || {
        (0..40_000_000u64).fold(t, |s, i| (s.wrapping_mul(31) ^ i) % 1000003)
    })).collect();
    for t in threads { println!("{}", t.join().unwrap()); }
    std::panic::set_hook(Box::new(|_| ()));
    let caught = std::panic::catch_unwind(|| std::panic::panic_any(1)).is_err();
    println!("{}", caught);
    std::process::exit(4);
}
RS
    rustc -O -g -o work_rust work.rs 2>/dev/null || skip "rustc does not run here"
    as_bare ./work_rust
    all_complete 99 cpu.1
}
