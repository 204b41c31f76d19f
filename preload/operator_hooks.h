/*
 * Hooks of C++'s operator new and delete, all forms. The C++ library's own call malloc and
 * free, where they are counted; those of allocators that bring their own (jemalloc, mimalloc,
 * tcmalloc) do not, and are counted here. What a program defines itself comes before ours.
 */
#ifndef PROFINJECT_OPERATOR_HOOKS_H
#define PROFINJECT_OPERATOR_HOOKS_H

/* Finds what stands behind the hooks: until then they are malloc and free. After
 * heap_hooks_init(), in the constructor, whether memory is counted or not. */
void operator_hooks_init(void);

#endif
