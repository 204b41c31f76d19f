/*
 * Register states of libunwind. Its own file because it is the only code that
 * touches libunwind, and the only unwinding that can be absent.
 */
#include "preload/unwind_libunwind.h"

#include "preload/bell.h"
#include "preload/cfi.h"
#include "preload/cfi_step.h"

#include <dlfcn.h>
#include <string.h>
#include <sys/mman.h>

#define UNW_LOCAL_ONLY
#include <libunwind.h>

/* A few thousand rows; a set is copied when it grows, because a handler may be
 * reading the old one. */
#define ARENA_SIZE (16u << 20)
#define STATES_PER_PASS 1024u
#define WANTED_MAX 16

/* Rows [start, end) and what libunwind made of them. */
struct hard_state {
    uint64_t start, end;
    struct cfi_row row; /* to check the frame address before libunwind reads there */
    void *registers;    /* libunwind's, copied; NULL: it could make none */
};

struct state_set {
    uint32_t count, capacity;
    struct hard_state *states[]; /* sorted by start, not overlapping */
};

static struct {
    int (*init_local2)(unw_cursor_t *, unw_context_t *, int);
    int (*get_reg)(unw_cursor_t *, int, unw_word_t *);
    int (*apply_reg_state)(unw_cursor_t *, void *);
    int (*reg_states_iterate)(unw_cursor_t *, unw_reg_states_callback, void *);
} libunwind;

static bool present;
static struct state_set *current;   /* published with release */
static uint64_t wanted[WANTED_MAX]; /* pcs handlers met; 0: empty */
static uint8_t *arena;
static size_t arena_used;

_Static_assert(sizeof(unw_cursor_t) <= sizeof(((struct walk *)0)->cursor), "scratch is too small");

bool hard_frames_init(void)
{
    void *library = dlopen("libunwind.so.8", RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return false;
    *(void **)&libunwind.init_local2 = dlsym(library, "_ULx86_64_init_local2");
    *(void **)&libunwind.get_reg = dlsym(library, "_ULx86_64_get_reg");
    *(void **)&libunwind.apply_reg_state = dlsym(library, "_ULx86_64_apply_reg_state");
    *(void **)&libunwind.reg_states_iterate = dlsym(library, "_ULx86_64_reg_states_iterate");
    void *memory = mmap(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    arena = memory == MAP_FAILED ? NULL : memory;
    present = libunwind.init_local2 && libunwind.get_reg && libunwind.apply_reg_state &&
              libunwind.reg_states_iterate && arena;
    return present;
}

const char *hard_frames_provider(void)
{
    return present ? "libunwind.so.8" : "absent";
}

static void *arena_take(size_t size)
{
    size = (size + 15) & ~(size_t)15;
    if (size > ARENA_SIZE - arena_used)
        return NULL;
    void *memory = arena + arena_used;
    arena_used += size;
    return memory;
}

static const struct hard_state *find_state_sigsafe(uint64_t key)
{
    const struct state_set *set = __atomic_load_n(&current, __ATOMIC_ACQUIRE);
    uint32_t low = 0, high = set ? set->count : 0;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        const struct hard_state *state = set->states[middle];
        if (key < state->start)
            high = middle;
        else if (key >= state->end)
            low = middle + 1;
        else
            return state;
    }
    return NULL;
}

static void want_sigsafe(uint64_t key)
{
    for (int i = 0; i < WANTED_MAX; i++) {
        uint64_t empty = 0;
        if (__atomic_compare_exchange_n(&wanted[i], &empty, key, false, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED)) {
            bell_ring_sigsafe();
            return;
        }
        if (empty == key)
            return;
    }
}

/* What the checks before each step read from. */
struct checker {
    unw_cursor_t *cursor;
    struct stack_memory *memory;
};

static bool get_register_sigsafe(void *context, unsigned number, uint64_t *value)
{
    struct checker *checker = context;
    unw_word_t word = 0;
    /* libunwind numbers the first 17 registers as DWARF does. */
    bool found =
        number < CFI_REG_COUNT && libunwind.get_reg(checker->cursor, (int)number, &word) == 0;
    *value = word;
    return found;
}

static bool read_word_sigsafe(void *context, uint64_t address, uint64_t *value)
{
    struct checker *checker = context;
    return stack_memory_read_sigsafe(checker->memory, address, value);
}

/* True when everything libunwind will read for this row can be read. */
static bool row_is_readable_sigsafe(const struct cfi_row *row, struct checker *checker)
{
    const struct cfi_machine machine = {checker, get_register_sigsafe, read_word_sigsafe};
    uint64_t cfa, value;
    if (!cfi_frame_address_sigsafe(row, &machine, &cfa))
        return false;
    for (unsigned i = 0; i < CFI_REG_COUNT; i++) {
        enum cfi_place place = row->registers[i].place;
        if (place != CFI_SAME && place != CFI_UNDEFINED &&
            !cfi_caller_register_sigsafe(row, i, cfa, &machine, &value))
            return false;
    }
    return true;
}

bool hard_frames_step_sigsafe(struct walk *walk, const ucontext_t *context, uint32_t frames,
                              struct stack_memory *memory, struct registers *registers, bool *end)
{
    unw_cursor_t *cursor = (unw_cursor_t *)walk->cursor;
    struct checker checker = {cursor, memory};
    uint64_t key = platform_registers_sigsafe(context).pc;

    if (!present)
        return false;
    for (uint32_t i = 0; i < frames; i++) {
        const struct hard_state *state = find_state_sigsafe(key);
        if (!state) {
            want_sigsafe(key);
            return false;
        }
        if (!state->registers)
            return false;
        /* The first call ever initialises libunwind and opens descriptors: that
         * was hard_states_make(), or there would be no state. */
        if (i == 0 &&
            libunwind.init_local2(cursor, (unw_context_t *)context, UNW_INIT_SIGNAL_FRAME) != 0)
            return false;
        if (!row_is_readable_sigsafe(&state->row, &checker))
            return false;
        int status = libunwind.apply_reg_state(cursor, state->registers);
        *end = status == 0;
        if (status <= 0)
            return status == 0;
        if (!get_register_sigsafe(&checker, UNW_X86_64_RIP, &registers->pc))
            return false;
        key = registers->pc - 1;
    }
    return get_register_sigsafe(&checker, UNW_X86_64_RSP, &registers->sp) &&
           get_register_sigsafe(&checker, UNW_X86_64_RBP, &registers->fp);
}

/* A set under construction. */
struct maker {
    struct state_set *set;
    struct module_tables tables;
};

/* Keeps `set` sorted; overlapping rows were there before and stay. */
static void insert_state(struct state_set *set, struct hard_state *state)
{
    uint32_t at = set->count;
    while (at > 0 && set->states[at - 1]->start > state->start)
        at--;
    if (at > 0 && set->states[at - 1]->end > state->start)
        return;
    memmove(&set->states[at + 1], &set->states[at], (set->count - at) * sizeof set->states[0]);
    set->states[at] = state;
    set->count++;
}

/* `registers` NULL says that there is nothing to be had for these pcs. */
static void add_state(struct maker *maker, const void *registers, size_t size, uint64_t start,
                      uint64_t end)
{
    struct hard_state *state = arena_take(sizeof *state);
    void *copy = registers ? arena_take(size) : NULL;
    if (!state || (registers && !copy) || maker->set->count == maker->set->capacity)
        return;
    memset(state, 0, sizeof *state);
    state->start = start;
    state->end = end;
    state->registers = copy;
    if (registers) {
        memcpy(copy, registers, size);
        if (!cfi_row_sigsafe(&maker->tables, start, &state->row))
            state->registers = NULL;
    }
    insert_state(maker->set, state);
}

/* Called by libunwind for every row of a function. */
static int keep_state(void *token, void *registers, size_t size, unw_word_t start, unw_word_t end)
{
    if (start < end)
        add_state(token, registers, size, start, end);
    return 0;
}

static bool has_state(const struct state_set *set, uint64_t pc)
{
    for (uint32_t i = 0; i < set->count; i++)
        if (pc >= set->states[i]->start && pc < set->states[i]->end)
            return true;
    return false;
}

static void make_states_of(struct state_set *set, uint64_t pc)
{
    struct maker maker = {.set = set};
    unw_cursor_t cursor;
    ucontext_t context;
    memset(&context, 0, sizeof context);
    context.uc_mcontext.gregs[REG_RIP] = (greg_t)pc;
    context.uc_mcontext.gregs[REG_RSP] = (greg_t)&context;
    if (modules_find_sigsafe(pc, &maker.tables) &&
        libunwind.init_local2(&cursor, (unw_context_t *)&context, UNW_INIT_SIGNAL_FRAME) == 0)
        libunwind.reg_states_iterate(&cursor, keep_state, &maker);
    if (!has_state(set, pc))
        add_state(&maker, NULL, 0, pc, pc + 1);
}

bool hard_states_wanted(void)
{
    for (int i = 0; i < WANTED_MAX; i++)
        if (__atomic_load_n(&wanted[i], __ATOMIC_RELAXED))
            return true;
    return false;
}

void hard_states_make(void)
{
    const struct state_set *old = current;
    if (!present || !hard_states_wanted())
        return;
    uint32_t capacity = (old ? old->count : 0) + STATES_PER_PASS;
    struct state_set *set = arena_take(sizeof *set + capacity * sizeof set->states[0]);
    if (!set)
        return;
    set->capacity = capacity;
    set->count = old ? old->count : 0;
    if (old)
        memcpy(set->states, old->states, old->count * sizeof old->states[0]);
    for (int i = 0; i < WANTED_MAX; i++) {
        uint64_t pc = __atomic_load_n(&wanted[i], __ATOMIC_RELAXED);
        if (pc) {
            make_states_of(set, pc);
            __atomic_store_n(&wanted[i], 0, __ATOMIC_RELAXED);
        }
    }
    __atomic_store_n(&current, set, __ATOMIC_RELEASE);
}

void hard_states_forget(void)
{
    __atomic_store_n(&current, NULL, __ATOMIC_RELEASE);
}
