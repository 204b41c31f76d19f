/*
 * Burns CPU on stacks that are small, or not the thread's own, and says how much was
 * done: an overflow by somebody else would show as a crash or a wrong sum.
 *
 *     odd_stacks threads|alternate|fibres|hand|own
 */
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#define ROUNDS 60000000u

static uint64_t sum;

static __attribute__((noinline)) void burn(unsigned rounds)
{
    uint64_t x = 1;
    for (unsigned i = 0; i < rounds; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        __asm__ volatile("" : "+r"(x));
    }
    __atomic_add_fetch(&sum, x, __ATOMIC_RELAXED);
}

static void *run_thread(void *unused)
{
    burn(ROUNDS);
    return unused;
}

static void on_small_stacks(void)
{
    pthread_t threads[2];
    pthread_attr_t attributes;

    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 16384);
    for (int i = 0; i < 2; i++)
        if (pthread_create(&threads[i], &attributes, run_thread, NULL) != 0)
            exit(1);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
}

static void on_signal(int signal)
{
    (void)signal;
    burn(ROUNDS);
}

static void on_alternate_stack(void)
{
    static uint64_t stack[8192 / 8];
    const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof(stack)};
    struct sigaction action;

    memset(&action, 0, sizeof(action));
    action.sa_handler = on_signal;
    action.sa_flags = SA_ONSTACK;
    if (sigaltstack(&alternate, NULL) != 0 || sigaction(SIGUSR1, &action, NULL) != 0)
        exit(77);
    for (int i = 0; i < 2; i++)
        raise(SIGUSR1);
}

static ucontext_t main_context, fibres[2];

static void run_fibre(void)
{
    for (int i = 0; i < 100; i++) {
        burn(ROUNDS / 200);
        swapcontext(&fibres[0], &fibres[1]);
    }
}

static void run_other_fibre(void)
{
    for (int i = 0; i < 100; i++) {
        burn(ROUNDS / 200);
        swapcontext(&fibres[1], &fibres[0]);
    }
}

static void on_fibres(void)
{
    for (int i = 0; i < 2; i++) {
        getcontext(&fibres[i]);
        fibres[i].uc_stack.ss_sp = malloc(16384);
        fibres[i].uc_stack.ss_size = 16384;
        fibres[i].uc_link = &main_context;
        makecontext(&fibres[i], i ? run_other_fibre : run_fibre, 0);
    }
    swapcontext(&main_context, &fibres[0]);
}

/* A stack switched by three instructions, as coroutine libraries do. */
static __attribute__((noinline)) void on_stack_by_hand(void)
{
    char *stack = malloc(16384);
    __asm__ volatile("movq %%rsp, %%rbx\n\t"
                     "movq %0, %%rsp\n\t"
                     "movl %1, %%edi\n\t"
                     "call *%2\n\t"
                     "movq %%rbx, %%rsp"
                     :
                     : "r"(stack + 16384), "i"(ROUNDS), "r"(burn)
                     : "rbx", "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory",
                       "cc");
    free(stack);
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";

    if (strcmp(mode, "threads") == 0)
        on_small_stacks();
    else if (strcmp(mode, "alternate") == 0)
        on_alternate_stack();
    else if (strcmp(mode, "fibres") == 0)
        on_fibres();
    else if (strcmp(mode, "hand") == 0)
        on_stack_by_hand();
    else if (strcmp(mode, "own") == 0)
        burn(ROUNDS);
    else
        return 2;
    printf("%s %llx\n", mode, (unsigned long long)sum);
    return 0;
}
