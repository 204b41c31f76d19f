/*
 * Burns CPU where unwind tables are missing or lie, and where the stack does.
 *
 *     broken_unwinding missing|lies|anonymous|overwritten|null|stray
 *
 * null and stray end by the signal they provoke, after saying where.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ROUNDS 150000000u

void burn_without_tables(uint64_t rounds);
void burn_with_lies(uint64_t rounds);

__asm__(".text\n"
        ".type burn_without_tables, @function\n"
        "burn_without_tables:\n"
        "    push %rbp\n"
        "    mov $0xdead, %ebp\n"
        "1:  dec %rdi\n"
        "    jnz 1b\n"
        "    pop %rbp\n"
        "    ret\n"
        ".size burn_without_tables, . - burn_without_tables\n"
        /* CFA = *(rbx + 123456789); the return address where no memory is. */
        ".type burn_with_lies, @function\n"
        "burn_with_lies:\n"
        "    .cfi_startproc\n"
        "    .cfi_escape 0x0f, 0x06, 0x73, 0x95, 0x9a, 0xef, 0x3a, 0x06\n"
        "    .cfi_offset 16, -800000\n"
        "1:  dec %rdi\n"
        "    jnz 1b\n"
        "    .cfi_def_cfa 7, 800000\n"
        "    mov $75000000, %edi\n"
        "2:  dec %rdi\n"
        "    jnz 2b\n"
        "    ret\n"
        "    .cfi_endproc\n"
        ".size burn_with_lies, . - burn_with_lies\n");

static void in_anonymous_memory(void)
{
    static const uint8_t loop[] = {0x48, 0xff, 0xcf, 0x75, 0xfb, 0xc3}; /* dec rdi; jnz; ret */
    void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (code == MAP_FAILED)
        exit(1);
    memcpy(code, loop, sizeof(loop));
    if (mprotect(code, 4096, PROT_READ | PROT_EXEC) != 0)
        exit(1);
    ((void (*)(uint64_t))code)(ROUNDS);
}

static __attribute__((noinline)) void overwrite(uint64_t word)
{
    volatile uint64_t *slot = (uint64_t *)__builtin_frame_address(0) + 1;
    volatile uint64_t *saved = slot - 1;
    const uint64_t kept = *slot, kept_frame = *saved;

    *slot = word;
    *saved = word;
    for (volatile unsigned i = 0; i < ROUNDS / 10; i++)
        ;
    *slot = kept;
    *saved = kept_frame;
}

static void on_fault(int signal, siginfo_t *info, void *context)
{
    char text[64];
    int size = snprintf(text, sizeof(text), "signal %d at %p\n", signal, info->si_addr);

    (void)context;
    if (write(STDOUT_FILENO, text, (size_t)size) != size)
        _exit(1);
    raise(signal); /* SA_RESETHAND: now for good */
}

static void call(uint64_t address)
{
    struct sigaction action;

    memset(&action, 0, sizeof(action));
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO | SA_RESETHAND | SA_NODEFER;
    sigaction(SIGSEGV, &action, NULL);
    burn_without_tables(10ull * ROUNDS); /* until there is a trace */
    ((void (*)(void))address)();
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";

    if (strcmp(mode, "missing") == 0) {
        burn_without_tables(ROUNDS);
    } else if (strcmp(mode, "lies") == 0) {
        burn_with_lies(ROUNDS);
    } else if (strcmp(mode, "anonymous") == 0) {
        in_anonymous_memory();
    } else if (strcmp(mode, "overwritten") == 0) {
        overwrite(0);
        overwrite(0x4141414141414141u);
        overwrite((uint64_t)&mode & ~15ull);
        overwrite((uint64_t)main);
    } else if (strcmp(mode, "null") == 0) {
        call(0);
    } else if (strcmp(mode, "stray") == 0) {
        call(0x123456000);
    } else {
        return 2;
    }
    dprintf(STDOUT_FILENO, "%s done\n",
            mode); /* without memory: that would be a stack of its own */
    return 0;
}
