/*
 * Template arguments in demangled names, C++ and Rust. No state.
 */
#ifndef PROFINJECT_UTIL_TEMPLATE_LISTS_H
#define PROFINJECT_UTIL_TEMPLATE_LISTS_H

#include <stddef.h>

/*
 * `name` with "…" for what stands in every list of template arguments, in its parameters too:
 * `std::map<int, A<B> >::at(C<D>)` becomes `std::map<…>::at(C<…>)`. Operators, `<lambda()>`
 * and Rust's `<T as Trait>` are no such lists, and what does not pair is none. free().
 */
char *template_lists_emptied(const char *name);

/* Length of an operator's whole name ("operator<<", "operator()") at `at`, in `name`: its brackets
 * pair with nothing. Of a conversion, "operator". 0 for anything else. */
size_t template_lists_operator(const char *name, const char *at);

#endif
