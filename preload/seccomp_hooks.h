/*
 * Noticing that the target puts a seccomp filter on itself: prctl() and syscall(), by
 * which libseccomp and sandboxes do it. Who makes the call by an instruction of its own
 * is not seen.
 */
#ifndef PROFINJECT_SECCOMP_HOOKS_H
#define PROFINJECT_SECCOMP_HOOKS_H

/* Finds the functions hooked; the hooks work before as well. */
void seccomp_hooks_init(void);

#endif
