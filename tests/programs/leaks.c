/*
 * Leaves blocks behind in every way there is, each made by a function of its own whose
 * name says what is right to call it: leaks [THREAD]
 *
 *   lost_*      no pointer to the block is left anywhere: a direct leak
 *   below_*     pointers to it are left in lost blocks only: an indirect leak
 *   ring_*      a lost ring: all of it indirect
 *   kept_*      within reach when the process ends
 *
 * With an argument, only what LeakSanitizer can judge as well: it does not look into
 * memory the program mapped.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline, noclone))

struct node {
    struct node *next;
    char bytes[40];
};

/* Not to be seen by an optimizer, and gone from the stack and the registers afterwards. */
NOINLINE static void *made(void *block)
{
    __asm__ volatile("" : "+r"(block));
    return block;
}

NOINLINE static void clean_stack(void)
{
    volatile char bytes[16384];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = 0;
    __asm__ volatile("" ::: "rbx", "r12", "r13", "r14", "r15", "memory");
}

NOINLINE static void *lost_block(void)
{
    return made(memset(malloc(1001), 1, 1001));
}

NOINLINE static struct node *lost_head(void)
{
    return made(calloc(1, sizeof(struct node)));
}

NOINLINE static struct node *below_head(void)
{
    return made(calloc(1, sizeof(struct node)));
}

NOINLINE static struct node *ring_member(void)
{
    return made(calloc(1, sizeof(struct node)));
}

NOINLINE static void *kept_by_data(void)
{
    return made(calloc(1, 101));
}

NOINLINE static void *kept_by_bss(void)
{
    return made(calloc(1, 102));
}

NOINLINE static void *kept_inside(void)
{
    return made(calloc(1, 300));
}

NOINLINE static void *kept_by_tls(void)
{
    return made(calloc(1, 103));
}

NOINLINE static void *kept_by_stack(void)
{
    return made(calloc(1, 104));
}

NOINLINE static void *kept_by_register(void)
{
    return made(calloc(1, 105));
}

NOINLINE static struct node *kept_list(void)
{
    return made(calloc(1, sizeof(struct node)));
}

NOINLINE static void *kept_by_mapping(void)
{
    return made(calloc(1, 106));
}

NOINLINE static void *kept_large(void)
{
    return made(calloc(1, 1 << 20));
}

NOINLINE static void *kept_by_large(void)
{
    return made(calloc(1, 107));
}

NOINLINE static void *lost_large(void)
{
    return made(memset(malloc((1 << 20) + 1), 1, (1 << 20) + 1));
}

NOINLINE static void *kept_by_main(void)
{
    return made(calloc(1, 108));
}

/* The last block of a heap: its end is where the allocator's own pointers lead. */
NOINLINE static void *lost_last(void)
{
    return made(memset(malloc(24), 1, 24));
}

static int ends[2];
static void *volatile data = &ends;
static void *volatile bss;
static struct node *volatile list;
static char *volatile inside;
static void **volatile large;
static __thread void *volatile tls;

NOINLINE static void lose_lists(void)
{
    struct node *head = lost_head(), *ring[3];
    for (struct node *at = head, *end = head + 0; at && end; end = NULL)
        for (int i = 0; i < 5; i++, at = at->next)
            at->next = below_head();
    for (int i = 0; i < 3; i++)
        ring[i] = ring_member();
    for (int i = 0; i < 3; i++)
        ring[i]->next = ring[(i + 1) % 3];
    for (int i = 0; i < 10; i++)
        lost_block();
}

NOINLINE static void keep(int mapped)
{
    data = kept_by_data();
    bss = kept_by_bss();
    inside = (char *)kept_inside() + 299;
    tls = kept_by_tls();
    for (int i = 0; i < 4; i++) {
        struct node *node = kept_list();
        node->next = list;
        list = node;
    }
    large = kept_large();
    large[1000] = kept_by_large();
    lost_large();
    if (!mapped)
        return;
    void **pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    pages[700] = kept_by_mapping();
}

/* Waits for ever, with a pointer in a register that calls preserve and nowhere else. */
NOINLINE static void wait_with_register(void *block)
{
    register void *preserved __asm__("r13") = block;
    char byte;
    block = NULL;
    __asm__ volatile("" : "+r"(preserved), "+r"(block));
    clean_stack();
    if (write(ends[1], "x", 1) == 1) /* others are asleep or here */
        for (;;)
            pause();
    __asm__ volatile("" ::"r"(preserved), "r"(&byte));
}

static void *run(void *barrier)
{
    void *volatile on_stack = kept_by_stack();
    tls = kept_by_tls();
    pthread_barrier_wait(barrier);
    wait_with_register(kept_by_register());
    return on_stack;
}

int main(int argc, char **argv)
{
    pthread_barrier_t barrier;
    pthread_t thread;
    char byte;
    void *volatile mine = kept_by_main();
    (void)argv;
    if (pipe(ends) != 0 || pthread_barrier_init(&barrier, NULL, 2) != 0 ||
        pthread_create(&thread, NULL, run, &barrier) != 0)
        return 1;
    lose_lists();
    keep(argc < 2);
    pthread_barrier_wait(&barrier);
    if (read(ends[0], &byte, 1) != 1)
        return 1;
    lost_last();
    clean_stack();
    usleep(20000);      /* the other one sleeps by then */
    exit(mine == NULL); /* from here: main's variables are still there */
}
