/*
 * What differs between systems and processors, and nothing else: registers of an
 * interrupted context, the signal frame, the thread pointer, raw system calls,
 * per-thread CPU clocks. Filled for Linux on x86-64; another system gets its own
 * section here and nowhere else.
 *
 * A port to another processor, AArch64 say, gives:
 *   here           everything in this file; its signal frame (mov x8,#139; svc #0), the
 *                  context 128 bytes above its stack pointer; DWARF numbers 29, 31, 30;
 *                  addresses without their pointer authentication
 *   unwind_rules.h a rule's return address need not lie at CFA - 8: it may still be in
 *                  a register (of a leaf), or anywhere in the frame; struct registers
 *                  then has the link register, and remembered_walk.c compares that slot
 *   cfi.c          vendor instructions (0x2d, negate_ra_state)
 *   call_site.c, straight_code.c   what calls and plain code look like
 * What stays: interpreter, caches, climbing by every register, libunwind's states.
 *
 * Inline functions without state. Those ending in _sigsafe may be called in
 * signal handlers and preserve errno.
 */
#ifndef PROFINJECT_PLATFORM_H
#define PROFINJECT_PLATFORM_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

#if !defined(__linux__) || !defined(__x86_64__)
#error "profinject runs on Linux x86-64 only; platform.h is where another system begins"
#endif

#define PLATFORM_LIKELY(x) __builtin_expect(!!(x), 1)
#define PLATFORM_UNLIKELY(x) __builtin_expect(!!(x), 0)

/* Thread-local data in the static TLS block: a plain load, never a call. It is
 * carved from every thread's stack, so it holds pointers only. */
#define PLATFORM_TLS static __thread __attribute__((tls_model("initial-exec")))

/* Static data that every fork writes to, in the parent or in the child: side by side, because
 * each page of it that is written to is copied then, which takes a microsecond. */
#define PLATFORM_FORK_DATA __attribute__((section(".profinject_fork")))

/* The registers unwinding follows. */
struct registers {
    uint64_t pc, sp, fp;
};

static inline struct registers platform_registers_sigsafe(const ucontext_t *context)
{
    const greg_t *r = context->uc_mcontext.gregs;
    return (struct registers){
        .pc = (uint64_t)r[REG_RIP], .sp = (uint64_t)r[REG_RSP], .fp = (uint64_t)r[REG_RBP]};
}

/* Fills in what a walk needs to start in the calling function: the registers that calls
 * preserve. The others, and the signal stack, are empty. */
static inline __attribute__((always_inline)) void platform_capture_sigsafe(ucontext_t *context)
{
    greg_t *r = context->uc_mcontext.gregs;
    __builtin_memset(r, 0, sizeof context->uc_mcontext.gregs);
    context->uc_stack.ss_sp = NULL;
    __asm__ volatile("mov %%rbx, %0\n mov %%rbp, %1\n mov %%r12, %2\n mov %%r13, %3\n"
                     "mov %%r14, %4\n mov %%r15, %5\n mov %%rsp, %6\n"
                     "lea (%%rip), %%rax\n mov %%rax, %7"
                     : "=m"(r[REG_RBX]), "=m"(r[REG_RBP]), "=m"(r[REG_R12]), "=m"(r[REG_R13]),
                       "=m"(r[REG_R14]), "=m"(r[REG_R15]), "=m"(r[REG_RSP]), "=m"(r[REG_RIP])
                     :
                     : "rax", "memory");
}

/* What a function saves of its caller's registers at most, right below its frame address. */
#define PLATFORM_SAVED_BYTES 40u

/* Place of the stack pointer among the words ptrace gives of a thread's registers. */
#define PLATFORM_USER_SP (offsetof(struct user_regs_struct, rsp) / sizeof(uint64_t))

/* General registers have DWARF numbers below this one; those known by name. The
 * caller's pc is the value of the last. */
#define PLATFORM_DWARF_REGISTERS 17u
#define PLATFORM_DWARF_FP 6
#define PLATFORM_DWARF_SP 7
#define PLATFORM_DWARF_RA 16

/* Of the names of libunwind's functions, local ones. */
#define PLATFORM_LIBUNWIND_PREFIX "_ULx86_64_"

/* The interrupted value of the register with that DWARF number. */
static inline uint64_t platform_dwarf_register_sigsafe(const ucontext_t *context, unsigned number)
{
    static const uint8_t order[PLATFORM_DWARF_REGISTERS] = {
        REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI, REG_RBP, REG_RSP, REG_R8,
        REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP};
    return (uint64_t)context->uc_mcontext.gregs[order[number]];
}

/* Makes `context`, otherwise empty, look as if it was interrupted at `pc`. */
static inline void platform_place_context(ucontext_t *context, uint64_t pc, uint64_t sp)
{
    context->uc_mcontext.gregs[REG_RIP] = (greg_t)pc;
    context->uc_mcontext.gregs[REG_RSP] = (greg_t)sp;
}

/* The flag by which a signal action names its own way back; the C library's headers
 * leave it out. */
#define PLATFORM_SA_RESTORER 0x04000000ul

/* True when `pc` stands at a signal return trampoline,
 * `mov $15,%rax; syscall`: the frame below it is a signal frame. `pc` must be
 * readable, PLATFORM_SIGNAL_RETURN_SIZE bytes. */
#define PLATFORM_SIGNAL_RETURN_SIZE 9u
static inline bool platform_is_signal_return_sigsafe(const uint8_t *pc)
{
    static const uint8_t code[PLATFORM_SIGNAL_RETURN_SIZE] = {0x48, 0xc7, 0xc0, 0x0f, 0,
                                                              0,    0,    0x0f, 0x05};
    for (size_t i = 0; i < sizeof code; i++)
        if (pc[i] != code[i])
            return false;
    return true;
}

/* Where the interrupted context lies when the stack pointer of the trampoline's
 * frame is `sp`: the kernel's rt_sigframe without its return address. */
static inline const ucontext_t *platform_signal_context_sigsafe(uint64_t sp)
{
    return (const ucontext_t *)sp;
}

/* True when the interrupted registers are those behind a system call that a signal ended, if
 * there is one before the pc. */
static inline bool platform_says_interrupted_sigsafe(const ucontext_t *context)
{
    return context->uc_mcontext.gregs[REG_RAX] == -EINTR;
}

/* True when `pc` stands behind a system call, PLATFORM_CALL_SIZE bytes that must be readable. */
#define PLATFORM_CALL_SIZE 2u
static inline bool platform_is_behind_call_sigsafe(const uint8_t *pc)
{
    return pc[-2] == 0x0f && pc[-1] == 0x05;
}

/* Address of the thread control block: glibc puts it above the stack of every
 * thread but the first. */
static inline uint64_t platform_thread_pointer_sigsafe(void)
{
    return (uint64_t)__builtin_thread_pointer();
}

/* A system call that leaves errno alone; returns the result or -errno. */
static inline long platform_syscall4_sigsafe(long number, long a, long b, long c, long d)
{
    long result;
    register long r10 __asm__("r10") = d;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
                     : "rcx", "r11", "memory");
    return result;
}

static inline long platform_syscall5_sigsafe(long number, long a, long b, long c, long d, long e)
{
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory");
    return result;
}

/*
 * Defines syscall(2) as a hook: the numbers of `cases`, each a PLATFORM_SYSCALL_CASE, go to
 * functions of ours, all else to where the pointer `onward` leads. In assembly because some calls return twice or on another
 * stack, which no function with a frame of its own survives. `platform_syscall` is the
 * C library's way to do it, for calls before there is an onward.
 */
#define PLATFORM_SYSCALL_CASE(number, hook) "cmp $" #number ",%rdi\nje " #hook "\n"
#define PLATFORM_SYSCALL_HOOK(cases, onward, failed)                                           \
    __asm__(".text\n.globl syscall\n.type syscall,@function\nsyscall:\n.cfi_startproc\n" cases \
            "jmp *" #onward "(%rip)\n"                                                         \
            ".cfi_endproc\n.size syscall,.-syscall\n"                                          \
            ".local platform_syscall\n.type platform_syscall,@function\nplatform_syscall:\n"   \
            ".cfi_startproc\nmov %rdi,%rax\nmov %rsi,%rdi\nmov %rdx,%rsi\nmov %rcx,%rdx\n"     \
            "mov %r8,%r10\nmov %r9,%r8\nmov 8(%rsp),%r9\nsyscall\ncmp $-4095,%rax\n"           \
            "jae 1f\nret\n1: mov %rax,%rdi\njmp " #failed "\n"                                 \
            ".cfi_endproc\n.size platform_syscall,.-platform_syscall\n")

/*
 * Adds to a count that one thread writes, with its signal handlers, and others read: one
 * instruction, which nobody interrupts, without the lock that keeps other processors out.
 * Where there is none such, a relaxed atomic addition does.
 */
static inline void platform_add_own_sigsafe(uint64_t *count, uint64_t value)
{
    __asm__("addq %1, %0" : "+m"(*count) : "er"(value) : "cc");
}

/* Likewise takes away; true when less than nothing is left. */
static inline bool platform_take_own_sigsafe(int64_t *count, uint64_t value)
{
    bool is_negative;
    __asm__("subq %2, %0" : "+m"(*count), "=@ccs"(is_negative) : "er"(value));
    return is_negative;
}

/* The processor's counter `index` as it stands; only while the kernel says that it may
 * be read. Volatile and with a memory clobber: not before what says so. */
static inline uint64_t platform_processor_counter_sigsafe(uint32_t index)
{
    uint32_t low, high;
    __asm__ volatile("rdpmc" : "=a"(low), "=d"(high) : "c"(index) : "memory");
    return (uint64_t)high << 32 | low;
}

/* What the processor counts at a steady rate, the same for all of them where the kernel
 * takes its own time from it: `PLATFORM_TICKS_SOURCE`. About 10 ns each. */
#define PLATFORM_TICKS_SOURCE "tsc"
static inline uint64_t platform_ticks_sigsafe(void)
{
    return __builtin_ia32_rdtsc() >> 5;
}

/* The clock that counts thread `tid`'s CPU time: clock_getcpuclockid(3) does the
 * same for processes; the encoding is the kernel's (posix-timers.h). */
static inline int platform_thread_clock(int tid)
{
    return (int)(~(unsigned)tid << 3 | 6u);
}

#endif
