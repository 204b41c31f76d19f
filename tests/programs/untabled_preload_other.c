/*
 * A library to be preloaded before ours, so that its constructor runs after ours: burns CPU
 * in there, in code without unwind tables and below it. The loader's own start, which has
 * called, has none either.
 */
#include "burn.h"

#define ROUNDS 100000u

void leaf_without_table(uint64_t rounds);
void caller_without_table(void (*function)(double), double seconds);

__asm__(".text\n"
        ".type leaf_without_table, @function\n"
        "leaf_without_table:\n"
        "    push %rbp\n"
        "    mov %rsp, %rbp\n"
        "1:  dec %rdi\n"
        "    jnz 1b\n"
        "    pop %rbp\n"
        "    ret\n"
        ".size leaf_without_table, . - leaf_without_table\n"
        ".type caller_without_table, @function\n"
        "caller_without_table:\n"
        "    push %rbp\n"
        "    mov %rsp, %rbp\n"
        "    call *%rdi\n"
        "    pop %rbp\n"
        "    ret\n"
        ".size caller_without_table, . - caller_without_table\n");

BURN_FUNCTION(burn_below)

__attribute__((constructor)) static void begin(void)
{
    uint64_t end = burn_thread_ns() + 200000000;

    while (burn_thread_ns() < end)
        leaf_without_table(ROUNDS);
    caller_without_table(burn_below, 0.2);
}
