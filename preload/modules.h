/*
 * Loaded modules as the handler needs them: which one holds a pc, where its
 * unwind tables lie, and how often the set has shrunk.
 */
#ifndef PROFINJECT_MODULES_H
#define PROFINJECT_MODULES_H

#include <link.h>
#include <stdbool.h>
#include <stdint.h>

struct module_tables {
    uint64_t start, end;         /* readable range that holds the tables */
    const uint8_t *eh_frame_hdr; /* PT_GNU_EH_FRAME, NULL when there is none */
};

/* Finds the C library's lock-free lookup. Called once, in the constructor. */
void modules_init(void);

/* False when no module holds `pc`. Takes no lock, 5 ns. */
bool modules_find_sigsafe(uint64_t pc, struct module_tables *tables);

/* An address in the loader; 0 with a C library older than 2.35. */
uint64_t modules_loader_sigsafe(void);

/* What dl_iterate_phdr() would tell of the module that holds `pc`, without its lock.
 * False when it is not known. The module must not go meanwhile: modules_hold(). */
bool modules_describe_sigsafe(uint64_t pc, struct dl_phdr_info *info);

/* The part of a module around `pc` that its headers have the loader map readable, from its
 * file. False where there is none such: outside modules, in the holes between segments, in
 * code that may only be executed. Takes no lock, makes no system call, 20 ns. */
bool modules_readable_sigsafe(uint64_t pc, uint64_t *start, uint64_t *end);

/* True when the library came before the C library: preloaded or linked, not
 * loaded late by a running program. Constructor only. */
bool modules_came_first(void);

/* Counts dlclose calls: rules, stacks and addresses of an earlier generation may
 * mean something else now. From 1. */
uint32_t modules_generation_sigsafe(void);

/* Where it is noted for others. */
void modules_tell_generation(uint32_t *word);

/*
 * Keeps libraries from going while the servant reads tables of code it does not run:
 * false, and nothing is held, while one is going. Held for a walk, 100 us at most,
 * never across a lock; dlclose waits for it.
 */
bool modules_hold(void);
void modules_release(void);

/* Called by the dlclose hook around the real call: waits until nothing is held. */
void modules_begin_closing(void);
void modules_end_closing(void);

/* In a fork child: what other threads of the parent were at is not going on here. */
void modules_fork_child(void);

/* Called by the dlclose hook around the real call. */
void modules_advance_generation(void);

/* What remembers stacks is to forget them; the modules are the same ones. */
void modules_begin_era_sigsafe(void);

/* The generation in which modules that are there now were there: of the last dlclose. */
uint32_t modules_told_generation(void);

#endif
