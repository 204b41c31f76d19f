/*
 * crashes WAY [SECONDS]: computes for a while in threads, then dies in a known way. Lines it
 * dies at are marked with the comment "dies:", for the tests to find.
 *   null      writes to address 0x10        jump     calls a null function pointer
 *   readonly  writes to read-only memory    bus      reads behind the end of a mapped file
 *   divide    divides by zero               illegal  runs an instruction that is none
 *   trap      runs a breakpoint             abort    calls abort()
 *   raise     sends itself SIGSEGV          noncanonical  reads an address that cannot be
 *   overflow  recurses for ever             overflow_stack  the same, with an alternate stack
 *   worker    as null, in a second thread   wait     prints its pid and computes, until it is killed
 *   handler   handles SIGSEGV itself, prints what it was told, and exits with 7
 *   again     handles it, resets it to the default and returns
 *   reraise   the same, and raises it
 *   child     a fork child dies as null, the parent exits with 3
 *   vfork     a vfork child does
 *   ask       prints what sigaction() and signal() say of every signal
 *   ignored   ignores SIGSEGV, then as raise; exits with 4
 *   blocked   as null, with SIGSEGV blocked
 *   strict    goes into strict seccomp mode, then as null
 *   burst     as worker, in eight threads at the same time
 *   eat       takes more and more memory
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile unsigned sink;
static double seconds = 0.3;
static volatile int zero, deepest = 1 << 30;
static pthread_barrier_t together;

static __attribute__((noinline)) void compute(double length)
{
    struct timespec now;
    double end = 0;

    do {
        for (unsigned i = 0; i < 20000; i++)
            sink += i;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        if (end == 0)
            end = (double)now.tv_sec + (double)now.tv_nsec / 1e9 + length;
    } while ((double)now.tv_sec + (double)now.tv_nsec / 1e9 < end);
}

static __attribute__((noinline)) void write_to(volatile char *place)
{
    *place = 1; /* dies: null worker reraise */
    sink++;
}

static __attribute__((noinline)) int overflow(int depth)
{
    volatile char room[4096];

    room[0] = (char)depth;
    return depth < deepest ? overflow(depth + 1) + room[0] : 0; /* dies: overflow */
}

static void jump(void)
{
    void (*volatile nowhere)(void) = NULL;

    nowhere(); /* dies: jump */
    sink++;
}

static void read_behind_file(void)
{
    char name[] = "crashes.XXXXXX";
    int fd = mkstemp(name);

    unlink(name);
    volatile char *page = mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, 0);
    sink += (unsigned)page[4096 + 5]; /* dies: bus */
}

static void read_only(void)
{
    char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    write_to(page + 7);
}

static void give_up(void)
{
    abort(); /* dies: abort */
}

static void die(void)
{
    write_to((char *)0x10);
}

static void *work(void *unused)
{
    (void)unused;
    compute(seconds);
    die();
    return NULL;
}

static void *work_together(void *unused)
{
    compute(seconds / 8);
    pthread_barrier_wait(&together);
    die();
    return unused;
}

static void *compute_on(void *unused)
{
    for (;;)
        compute(1);
    return unused;
}

static void worker(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, work, NULL);
    pthread_setname_np(thread, "unlucky");
    compute_on(NULL);
}

static void burst(void)
{
    pthread_t threads[8];

    pthread_barrier_init(&together, NULL, 8);
    for (int i = 0; i < 8; i++)
        pthread_create(&threads[i], NULL, work_together, NULL);
    for (int i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
}

static void use_alternate_stack(void)
{
    stack_t stack = {.ss_sp = malloc(64 << 10), .ss_size = 64 << 10};

    sigaltstack(&stack, NULL);
}

static void tell(int number, siginfo_t *info, void *context)
{
    (void)context;
    printf("signal %d code %d address %p\n", number, info->si_code, info->si_addr);
    fflush(stdout);
    _exit(7);
}

static void reset(int number)
{
    signal(number, SIG_DFL);
}

static void reset_and_raise(int number)
{
    signal(number, SIG_DFL);
    raise(number);
}

static void handle(void (*simple)(int))
{
    struct sigaction action = {.sa_sigaction = tell, .sa_flags = SA_SIGINFO};

    if (simple != NULL)
        signal(SIGSEGV, simple);
    else
        sigaction(SIGSEGV, &action, NULL);
    die();
}

static void child(void)
{
    if (fork() == 0) {
        compute(seconds);
        die();
    }
    wait(NULL);
    exit(3);
}

static void vfork_child(void)
{
    int status;

    if (vfork() == 0)
        die();
    wait(&status);
    printf("%d\n", status);
    exit(3);
}

static void ask(void)
{
    static const int set[] = {SIGSEGV, SIGABRT, SIGUSR1};

    for (int number = 1; number < 32; number++) {
        struct sigaction action;
        memset(&action, 0x55, sizeof action);
        sigaction(number, NULL, &action);
        printf("%d: %p %x %d\n", number, (void *)action.sa_handler, (unsigned)action.sa_flags,
               sigismember(&action.sa_mask, SIGUSR1));
    }
    for (int i = 0; i < 3; i++) {
        struct sigaction action = {.sa_handler = SIG_DFL, .sa_flags = SA_RESTART};
        void (*before)(int) = signal(set[i], SIG_IGN);
        printf("%p ", (void *)before);
        before = sysv_signal(set[i], SIG_DFL);
        printf("%p ", (void *)before);
        before = signal(set[i], SIG_DFL);
        printf("%p ", (void *)before);
        struct sigaction *volatile same = &action; /* the kernel's call allows it */
        sigaction(set[i], &action, same);
        printf("%p %x ", (void *)action.sa_handler, (unsigned)action.sa_flags);
        sigaction(set[i], NULL, &action);
        printf("%p %x\n", (void *)action.sa_handler, (unsigned)action.sa_flags);
    }
    exit(0);
}

static void ignored(void)
{
    signal(SIGSEGV, SIG_IGN);
    raise(SIGSEGV);
    exit(4);
}

static void blocked(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGSEGV);
    sigprocmask(SIG_BLOCK, &set, NULL);
    die();
}

static void strict(void)
{
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
    die();
}

static void eat(void)
{
    for (;;) {
        memset(malloc(1 << 20), 1, 1 << 20);
        compute(0.001);
    }
}

static void fail(const char *way)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } ways[] = {{"null", die},
                {"jump", jump},
                {"readonly", read_only},
                {"bus", read_behind_file},
                {"abort", give_up},
                {"worker", worker},
                {"child", child},
                {"vfork", vfork_child},
                {"ask", ask},
                {"ignored", ignored},
                {"blocked", blocked},
                {"strict", strict},
                {"burst", burst},
                {"eat", eat}};

    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        if (strcmp(way, ways[i].name) == 0)
            ways[i].run();
    if (strcmp(way, "overflow_stack") == 0)
        use_alternate_stack();
    if (strncmp(way, "overflow", 8) == 0)
        sink += (unsigned)overflow(0);
    if (strcmp(way, "divide") == 0)
        sink += (unsigned)(12345 / zero); /* dies: divide */
    if (strcmp(way, "illegal") == 0)
        __asm__ volatile("ud2"); /* dies: illegal */
    if (strcmp(way, "trap") == 0)
        __asm__ volatile("int3"); /* dies: trap */
    if (strcmp(way, "raise") == 0)
        raise(SIGSEGV); /* dies: raise */
    if (strcmp(way, "noncanonical") == 0)
        sink += *(volatile unsigned char *)0x1234567890abcdef; /* dies: noncanonical */
    if (strcmp(way, "handler") == 0)
        handle(NULL);
    if (strcmp(way, "again") == 0)
        handle(reset);
    if (strcmp(way, "reraise") == 0)
        handle(reset_and_raise);
}

int main(int argc, char **argv)
{
    static const char *const at_once[] = {"worker", "child", "ask", "burst", "wait", "eat"};

    if (argc < 2)
        return 2;
    if (argc > 2)
        seconds = strtod(argv[2], NULL);
    bool computes = true;
    for (size_t i = 0; i < sizeof at_once / sizeof at_once[0]; i++)
        computes &= strcmp(argv[1], at_once[i]) != 0;
    if (computes)
        compute(seconds);
    fail(argv[1]);
    if (strcmp(argv[1], "wait") == 0) {
        pthread_t thread;
        pthread_create(&thread, NULL, compute_on, NULL);
        pthread_setname_np(thread, "second");
        printf("%d\n", (int)getpid());
        fflush(stdout);
        compute_on(NULL);
    }
    return 0;
}
