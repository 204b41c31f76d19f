/*
 * Files that become shorter while they are mapped. What touches a page that is gone ends a
 * process by SIGBUS; here it finds zeros, which every reader of ours knows as damage.
 */
#ifndef PROFINJECT_UTIL_LOST_PAGES_H
#define PROFINJECT_UTIL_LOST_PAGES_H

/* From now on, in this process and its forks. Once, at the start of main. */
void lost_pages_init(void);

#endif
