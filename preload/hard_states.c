/*
 * The table of states and its making. Its own file because its readers are handlers
 * and its writer is the servant: what is published, when, and when memory goes, is
 * worth being read alone.
 */
#include "preload/hard_states.h"

#include "preload/bell.h"
#include "preload/modules.h"
#include "preload/unwind_libunwind.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define WANTED_BITS 6
#define WANTED_MAX (1u << WANTED_BITS) /* a pass takes 20 us for each */
#define ROWS_MAX 4096u                 /* of one function; for more pcs there is no state */
#define BLOCK_SIZE (1u << 20)          /* of memory for rows and states */
#define MEMORY_MAX (64u << 20)         /* then no more are made */
#define HASH_SIZE 1024u

struct row {
    uint64_t start, end;
    const struct hard_state *state;
};

struct function {
    uint64_t start, end;
    const struct row *rows; /* sorted, not overlapping */
    uint32_t count;         /* 0: libunwind could make nothing of it */
};

/* Memory that handlers may be reading, until it is seen that none is. */
struct mapping {
    struct mapping *next;
    size_t size, used;
};

struct state_set {
    struct mapping mapping;
    uint32_t generation; /* of modules it was made in */
    uint32_t count;
    struct function functions[]; /* sorted, not overlapping */
};

/* Handlers: `readers` and `current` are sequentially consistent, so that a reader the
 * maker did not count sees the set published before the count. */
static struct state_set *current;
static uint32_t readers;
static uint64_t wanted[WANTED_MAX]; /* keys handlers missed; 0: empty */
static bool asked, in_vain;         /* the servant was called for them; there will be none */

/* The maker's, guarded by `making`. */
static PLATFORM_FORK_DATA pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;
static struct mapping *blocks, *retired;
static size_t memory_used;
static struct hard_state *hashed[HASH_SIZE];
static struct row rows[ROWS_MAX];
static uint32_t row_count;
PLATFORM_TLS uint64_t asking;

/* --- reading ---------------------------------------------------------------------- */

void hard_states_enter_sigsafe(void)
{
    __atomic_add_fetch(&readers, 1, __ATOMIC_SEQ_CST);
}

void hard_states_leave_sigsafe(void)
{
    __atomic_sub_fetch(&readers, 1, __ATOMIC_SEQ_CST);
}

static void want_sigsafe(uint64_t key)
{
    __atomic_store_n(&wanted[key * 0x9E3779B97F4A7C15u >> (64 - WANTED_BITS)], key,
                     __ATOMIC_RELAXED);
    if (!__atomic_exchange_n(&asked, true, __ATOMIC_ACQ_REL))
        bell_ring_sigsafe();
}

bool hard_states_are_wanted_sigsafe(void)
{
    return __atomic_load_n(&asked, __ATOMIC_RELAXED) &&
           !__atomic_load_n(&in_vain, __ATOMIC_RELAXED);
}

static const struct state_set *set_sigsafe(void)
{
    const struct state_set *set = __atomic_load_n(&current, __ATOMIC_SEQ_CST);
    return set && set->generation == modules_generation_sigsafe() ? set : NULL;
}

bool hard_states_any_sigsafe(uint64_t key)
{
    bool any = set_sigsafe() != NULL;
    if (!any)
        want_sigsafe(key);
    return any;
}

static const struct function *find_function_sigsafe(const struct state_set *set, uint64_t key)
{
    uint32_t low = 0, high = set ? set->count : 0;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        const struct function *function = &set->functions[middle];
        if (key < function->start)
            high = middle;
        else if (key >= function->end)
            low = middle + 1;
        else
            return function;
    }
    return NULL;
}

const struct hard_state *hard_states_find_sigsafe(uint64_t key)
{
    const struct function *function = find_function_sigsafe(set_sigsafe(), key);
    uint32_t low = 0, high = function ? function->count : 0;
    if (!function)
        want_sigsafe(key);
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        const struct row *row = &function->rows[middle];
        if (key < row->start)
            high = middle;
        else if (key >= row->end)
            low = middle + 1;
        else
            return row->state;
    }
    return NULL;
}

/* --- memory ----------------------------------------------------------------------- */

static void *map(size_t size)
{
    struct mapping *mapping =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping == MAP_FAILED)
        return NULL;
    *mapping = (struct mapping){.size = size, .used = sizeof *mapping};
    return mapping;
}

static void *take(size_t size)
{
    size = (size + 15) & ~(size_t)15;
    if (!blocks || size > blocks->size - blocks->used) {
        struct mapping *block = memory_used < MEMORY_MAX ? map(BLOCK_SIZE) : NULL;
        if (!block || size > block->size - block->used)
            return NULL;
        memory_used += block->size;
        block->next = blocks;
        blocks = block;
    }
    void *memory = (uint8_t *)blocks + blocks->used;
    blocks->used += size;
    return memory;
}

static void retire(struct mapping *mapping)
{
    mapping->next = retired;
    retired = mapping;
}

/* Whoever reads from now on sees what was published before. */
static void give_back_retired(void)
{
    if (__atomic_load_n(&readers, __ATOMIC_SEQ_CST) != 0)
        return;
    while (retired) {
        struct mapping *mapping = retired;
        retired = mapping->next;
        munmap(mapping, mapping->size);
    }
}

/* --- making ----------------------------------------------------------------------- */

/* Equal states of equal rows are one: a few hundred hold most of a program. */
static struct hard_state *intern(const struct cfi_row *row, const void *registers, size_t size)
{
    struct cfi_row content = *row;
    content.start = content.end = 0;
    uint64_t hash = XXH64(registers, size, XXH64(&content, sizeof content, 0));
    struct hard_state **bucket = &hashed[hash % HASH_SIZE];
    for (struct hard_state *state = *bucket; state; state = state->next)
        if (state->hash == hash && state->size == size &&
            memcmp(state->registers, registers, size) == 0)
            return state;
    struct hard_state *state = take(sizeof *state + size);
    if (!state)
        return NULL;
    state->row = content;
    state->hash = hash;
    state->size = size;
    memcpy(state->registers, registers, size);
    state->next = *bucket;
    *bucket = state;
    return state;
}

/* Called by libunwind for every row of a function, in order. Rows of signal frames
 * have more expressions than are kept, and are known by their code anyway. */
static int keep_row(void *token, void *registers, size_t size, unw_word_t start, unw_word_t end)
{
    const struct module_tables *tables = token;
    struct cfi_row row;
    if (!registers || start >= end || row_count == ROWS_MAX ||
        (row_count && rows[row_count - 1].end > start))
        return 0;
    bool usable = cfi_row_sigsafe(tables, start, &row) && !row.signal_frame && row.end >= end;
    rows[row_count++] = (struct row){start, end, usable ? intern(&row, registers, size) : NULL};
    return 0;
}

/* Where `key` is in the set, or would be; false when there is no place for it. */
static bool find_place(const struct state_set *set, uint64_t start, uint64_t end, uint32_t *place)
{
    uint32_t at = set->count;
    while (at > 0 && set->functions[at - 1].start >= start)
        at--;
    *place = at;
    return (at == 0 || set->functions[at - 1].end <= start) &&
           (at == set->count || set->functions[at].start >= end);
}

static void add_function(struct state_set *set, uint64_t key)
{
    struct function function = {.start = key, .end = key + 1};
    uint32_t place;
    bool covered = false;
    for (uint32_t i = 0; i < row_count && !covered; i++)
        covered = key >= rows[i].start && key < rows[i].end;
    struct row *copy = covered ? take(row_count * sizeof rows[0]) : NULL;
    if (copy) {
        memcpy(copy, rows, row_count * sizeof rows[0]);
        function = (struct function){rows[0].start, rows[row_count - 1].end, copy, row_count};
    }
    if (!find_place(set, function.start, function.end, &place))
        return;
    memmove(&set->functions[place + 1], &set->functions[place],
            (set->count - place) * sizeof function);
    set->functions[place] = function;
    set->count++;
    memory_used += sizeof function;
}

static void make_function(struct state_set *set, uint64_t key)
{
    struct module_tables tables;
    unw_cursor_t cursor;
    ucontext_t context;
    row_count = 0;
    if (find_function_sigsafe(set, key))
        return;
    if (!modules_find_sigsafe(key, &tables)) {
        add_function(set, key);
        return;
    }
    memset(&context, 0, sizeof context);
    platform_place_context(&context, key, (uint64_t)&context);
    asking = key;
    if (libunwind_calls.init_local2(&cursor, (unw_context_t *)&context, UNW_INIT_SIGNAL_FRAME) == 0)
        libunwind_calls.reg_states_iterate(&cursor, keep_row, &tables);
    asking = 0;
    add_function(set, key);
}

/* A set with all of the current one, when that still holds, and room for more. */
static struct state_set *make_set(void)
{
    uint32_t generation = modules_generation_sigsafe();
    struct state_set *old = current && current->generation == generation ? current : NULL;
    uint32_t count = old ? old->count : 0;
    struct state_set *set =
        map(sizeof *set + (count + (size_t)WANTED_MAX) * sizeof set->functions[0]);
    if (!set)
        return NULL;
    set->generation = generation;
    set->count = count;
    if (old) {
        memcpy(set->functions, old->functions, count * sizeof set->functions[0]);
        return set;
    }
    while (blocks) { /* of another generation */
        struct mapping *block = blocks;
        blocks = block->next;
        retire(block);
    }
    memset(hashed, 0, sizeof hashed);
    memory_used = 0;
    return set;
}

static void make_all(void)
{
    struct state_set *set = make_set();
    if (!set)
        return;
    for (uint32_t i = 0; i < WANTED_MAX; i++) {
        uint64_t key = __atomic_exchange_n(&wanted[i], 0, __ATOMIC_RELAXED);
        if (key && memory_used < MEMORY_MAX)
            make_function(set, key);
    }
    if (current)
        retire(&current->mapping);
    __atomic_store_n(&current, set, __ATOMIC_SEQ_CST);
    give_back_retired();
}

/* Then the servant is not to be called again. */
static bool is_full(void)
{
    return memory_used >= MEMORY_MAX && set_sigsafe();
}

void hard_states_make(void)
{
    bool vain = !libunwind_is_there() || is_full();
    __atomic_store_n(&in_vain, vain, __ATOMIC_RELAXED);
    if (vain || !__atomic_load_n(&asked, __ATOMIC_RELAXED) || !modules_hold())
        return;
    pthread_mutex_lock(&making);
    __atomic_store_n(&asked, false, __ATOMIC_SEQ_CST);
    make_all();
    pthread_mutex_unlock(&making);
    modules_release();
}

uint64_t hard_states_asking(void)
{
    return asking;
}

void hard_states_lock(void)
{
    pthread_mutex_lock(&making);
}

void hard_states_unlock(void)
{
    pthread_mutex_unlock(&making);
}

void hard_states_fork_child(void)
{
    readers = 0;
    asked = false;
}
