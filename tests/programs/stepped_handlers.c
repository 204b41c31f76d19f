/*
 * A signal handler that allocates comes at every instruction of a child's allocations, those of
 * the library included: stepped_handlers [jump]
 *
 * The child is stepped by its parent, which lets the handler in wherever it is not blocked, from
 * the first allocation the process makes on. With `jump` the handler leaves by longjmp, at one
 * instruction after the other, and other allocations follow. For allocators that bear it
 * (handlers_preload_other). Prints `FUNCTION PAIRS LEFT`: pairs of malloc and free it has
 * completed, and those it has left, which may have got as far as to be seen. Exit status 77
 * where nobody may be stepped.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline, noclone))

enum { PAIRS = 10, JUMPS = 150 };

/* What the child says, at breakpoints of its own. */
enum word { NOTHING, BEGIN, END, HANDLED };

static struct {
    volatile long ordinary, handler, after;
    volatile bool are_enough;
} * pairs;

static sigjmp_buf back;
static bool jumps;

static inline __attribute__((always_inline)) void say(enum word word)
{
    __asm__ volatile("int3" : : "a"(word) : "memory");
}

static inline __attribute__((always_inline)) void pair(size_t size)
{
    char *block = malloc(size);
    if (!block)
        abort();
    block[0] = 1;
    free(block);
}

NOINLINE static void ordinary(void)
{
    pair(1000);
    pairs->ordinary++;
}

NOINLINE static void after(void)
{
    pair(3000);
    pairs->after++;
}

NOINLINE static void handler(int number)
{
    (void)number;
    pair(2000);
    pairs->handler++;
    if (jumps)
        siglongjmp(back, 1);
    say(HANDLED);
}

static void be_stepped(void)
{
    for (int i = 0; i < PAIRS; i++) {
        say(BEGIN);
        ordinary();
        say(END);
    }
}

/* Each time the first pair is not stepped: what was given up by the last jump is made there. */
static void be_left(void)
{
    if (sigsetjmp(back, 1))
        after();
    for (volatile int i = 0; !pairs->are_enough; i++) {
        if (i > 0)
            say(BEGIN);
        ordinary();
        if (i > 0)
            say(END);
    }
}

static void run_child(void)
{
    signal(SIGUSR1, handler);
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
        _exit(77);
    raise(SIGSTOP);
    if (jumps)
        be_left();
    else
        be_stepped();
    _exit(0);
}

/* --- the parent ---------------------------------------------------------------- */

static pid_t child;
static struct user_regs_struct registers;

static int code_at(unsigned long long at)
{
    return (int)(ptrace(PTRACE_PEEKTEXT, child, (void *)at, NULL) & 0xff);
}

/* The child goes on, with a signal, until it traps. What it says. Other signals do not reach it:
 * handlers of the profiler's own are not what is to be stepped. */
static enum word go(int how, int number)
{
    int status;
    do {
        if (ptrace(how, child, NULL, (void *)(long)number) != 0 || waitpid(child, &status, 0) < 0)
            exit(1);
        if (!WIFSTOPPED(status))
            exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
        number = WSTOPSIG(status) == SIGUSR1 ? SIGUSR1 : 0;
    } while (WSTOPSIG(status) != SIGTRAP);
    ptrace(PTRACE_GETREGS, child, NULL, &registers);
    return code_at(registers.rip - 1) == 0xcc ? (enum word)registers.rax : NOTHING;
}

/* From the handler's last word to the code it came into. */
static void return_from_handler(void)
{
    bool is_last;
    do {
        is_last = code_at(registers.rip) == 0x0f && code_at(registers.rip + 1) == 0x05 &&
                  registers.rax == 15; /* the system call by which handlers return */
        go(PTRACE_SINGLESTEP, 0);
    } while (!is_last);
}

/* A handler at each instruction of each pair. Where signals are blocked it comes when they no
 * longer are. */
static void step_through(void)
{
    for (int i = 0; i < PAIRS; i++) {
        go(PTRACE_CONT, 0);
        while (go(PTRACE_SINGLESTEP, 0) != END) {
            if (go(PTRACE_CONT, SIGUSR1) != HANDLED)
                exit(1);
            return_from_handler();
        }
    }
}

/* The shortest of some: the profiler may have other things to do in one. */
static long length_of_a_pair(void)
{
    long shortest = 0;
    for (int i = 0; i < 5; i++) {
        long length = 1;
        while (go(PTRACE_CONT, 0) != BEGIN)
            ;
        while (go(PTRACE_SINGLESTEP, 0) != END)
            length++;
        shortest = i == 0 || length < shortest ? length : shortest;
    }
    return shortest;
}

/* Handlers at instructions that lie evenly in a pair, each in a pair of its own. */
static void leave_everywhere(void)
{
    long length = length_of_a_pair();
    for (long i = 0; i < JUMPS; i++) {
        while (go(PTRACE_CONT, 0) != BEGIN)
            ;
        bool over = false;
        for (long steps = 1 + length * i / JUMPS; steps > 0 && !over; steps--)
            over = go(PTRACE_SINGLESTEP, 0) == END;
        if (!over)
            go(PTRACE_CONT, SIGUSR1);
    }
    while (go(PTRACE_CONT, 0) != END)
        ;
    pairs->are_enough = true;
}

int main(int argc, char **argv)
{
    jumps = argc > 1 && strcmp(argv[1], "jump") == 0;
    pairs = mmap(NULL, sizeof *pairs, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    child = fork();
    if (child == 0)
        run_child();
    int status;
    if (child < 0 || waitpid(child, &status, 0) < 0)
        return 1;
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    if (jumps)
        leave_everywhere();
    else
        step_through();
    if (ptrace(PTRACE_DETACH, child, NULL, NULL) != 0 || waitpid(child, &status, 0) < 0 || status)
        return 1;
    printf("ordinary %ld %d\nhandler %ld 0\nafter %ld 0\n", pairs->ordinary, jumps ? JUMPS : 0,
           pairs->handler, pairs->after);
    return 0;
}
