/*
 * Following calls that change who or where the process is. Namespaces: the kernel
 * refuses them to processes with several threads. Users and groups: the C library
 * makes the call in every thread and aborts when one fares differently, as ours does
 * when the target has dropped capabilities in its own. So ours is away meanwhile,
 * and comes back with what the caller then has.
 *
 * The hooks need no setting up, and keep errno as the real call left it.
 */
#ifndef PROFINJECT_PRIVILEGE_HOOKS_H
#define PROFINJECT_PRIVILEGE_HOOKS_H

#endif
