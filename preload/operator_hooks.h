/*
 * Hooks of C++'s operator new and delete, all forms. The C++ library's own call malloc and
 * free, where they are counted; those of allocators that bring their own (jemalloc, mimalloc,
 * tcmalloc) do not, and are counted here. What a program defines itself comes before ours.
 */
#ifndef PROFINJECT_OPERATOR_HOOKS_H
#define PROFINJECT_OPERATOR_HOOKS_H

/* Finds what stands behind the hooks. In the constructor, recorded or not, as later the loader
 * may be waiting for who allocates; who allocates earlier does it at once. */
void operator_hooks_find(void);

/* From now on they count what malloc and free do not. After heap_hooks_init(). */
void operator_hooks_init(void);

#endif
