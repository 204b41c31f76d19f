/*
 * How deep a profiler's signal handler goes: burns CPU on an alternate stack that was
 * painted, and says how many bytes beyond the kernel's frame lost their colour.
 *
 *     handler_stack simple|hard|counters [SECONDS]
 */
#include "../../preload/profinject.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>

#define COLOUR 0x5ca1ab1edec0ded5u
#define SIZE (1u << 16)

static volatile uint64_t stack[SIZE / 8];
static const char *mode;
static double seconds = 0.5;
static volatile uint64_t deepest;

/* Its frame's address is in a register no simple rule knows. */
void spin_hard(uint64_t rounds);
__asm__(".text\n.globl spin_hard\n.type spin_hard,@function\nspin_hard:\n.cfi_startproc\n"
        "push %r12\n.cfi_def_cfa_offset 16\n.cfi_offset 12,-16\n"
        "lea 16(%rsp),%r12\n.cfi_def_cfa 12,0\n"
        "1: dec %rdi\njnz 1b\n"
        "pop %r12\n.cfi_def_cfa 7,8\n.cfi_restore 12\nret\n"
        ".cfi_endproc\n.size spin_hard,.-spin_hard\n");

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void spin(uint64_t rounds)
{
    for (volatile uint64_t i = 0; i < rounds; i++)
        ;
}

static void burn(void)
{
    double end = now() + seconds;
    while (now() < end) {
        if (strcmp(mode, "hard") == 0)
            spin_hard(1000000);
        else
            spin(1000000);
        if (strcmp(mode, "counters") == 0 && profinject_counter)
            profinject_counter("rounds", 1);
    }
}

static void on_signal(int signal)
{
    volatile uint64_t *top = __builtin_frame_address(0), *word = stack;
    (void)signal;
    burn();
    while (word < top && *word == COLOUR)
        word++;
    deepest = (uint64_t)((volatile char *)top - (volatile char *)word);
}

static volatile uint64_t frame;

/* How much the kernel itself puts on a stack for a signal. */
static void on_probe(int signal, siginfo_t *info, void *context)
{
    const ucontext_t *interrupted = context;
    (void)signal;
    (void)info;
    frame = (uint64_t)interrupted->uc_mcontext.gregs[REG_RSP] -
            ((uint64_t)__builtin_frame_address(0) + 16);
}

int main(int argc, char **argv)
{
    const stack_t alternate = {.ss_sp = (void *)(uintptr_t)stack, .ss_size = sizeof(stack)};
    struct sigaction action;

    if (argc < 2)
        return 2;
    mode = argv[1];
    if (argc > 2)
        seconds = atof(argv[2]);
    for (size_t i = 0; i < SIZE / 8; i++)
        stack[i] = COLOUR;
    memset(&action, 0, sizeof(action));
    action.sa_handler = on_signal;
    action.sa_flags = SA_ONSTACK;
    if (sigaltstack(&alternate, NULL) != 0 || sigaction(SIGUSR1, &action, NULL) != 0)
        return 1;
    raise(SIGUSR1);
    action.sa_sigaction = on_probe;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGUSR2, &action, NULL);
    raise(SIGUSR2);
    printf("%lld\n", (long long)deepest - (long long)frame);
    return 0;
}
