/*
 * prctl() and syscall(): by them the target puts seccomp filters on itself, as libseccomp and
 * sandboxes do, goes into strict mode, or ends a thread unheard by the C library. Who makes the
 * call by an instruction of its own is not seen.
 */
#ifndef PROFINJECT_SYSCALL_HOOKS_H
#define PROFINJECT_SYSCALL_HOOKS_H

/* Finds the functions hooked; the hooks work before as well. */
void syscall_hooks_init(void);

#endif
