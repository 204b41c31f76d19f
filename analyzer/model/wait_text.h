/*
 * Words for what waits are about: locks, files, threads, places. Strings are the caller's: free().
 */
#ifndef PROFINJECT_MODEL_WAIT_TEXT_H
#define PROFINJECT_MODEL_WAIT_TEXT_H

#include "analyzer/model/profile.h"

/* "dict_lock", "0x5581 (in the heap)", "/etc/passwd", "a pipe"; "unknown" of WAIT_OBJECT_NONE. */
char *wait_text_object(const struct profile *profile, uint32_t object);

/* "worker (101)", "tid 101" of one that is not in the recording, "unknown". */
char *wait_text_thread(const struct profile *profile, uint32_t thread, int32_t tid);

/* Likewise of who ended or held up the wait: "pid 77" where that is a process. */
char *wait_text_peer(const struct profile *profile, const struct profile_wait *wait);

/* The program's function a stack is in: that of the innermost frame outside of the C and the C++
 * library and of marks; of those alone the innermost. "unknown": there is none. Not to be freed. */
const char *wait_text_function(const struct profile *profile, uint32_t stack);

/* A function's name as a call: "load()", but "[libfoo.so+0x12]" and "f(int)" as they are. free(). */
char *wait_text_call(const char *function);

/* "find() from main()": the program's function and its caller. free(). */
char *wait_text_place(const struct profile *profile, uint32_t stack);

/* The same of a wait, with its kind before it: "mutex in find() from main()"; and the function alone,
 * as a call. See wait_rows_join(); free(). */
char *wait_text_kind_and_place(const struct profile *profile, const struct profile_wait *wait);
char *wait_text_call_of(const struct profile *profile, const struct profile_wait *wait);

/* Its caller, likewise; NULL: none. */
const char *wait_text_caller(const struct profile *profile, uint32_t stack);

/* Of threads that had the lock others waited for, or of that one (WAIT_THREAD_NONE: any): the
 * function they were met in by the nearest sample, in most of the waits' time. `share` of the time of
 * the waits with such a sample. NULL: no sample is known. Not to be freed. */
const char *wait_text_holder(const struct profile *profile, uint32_t object, uint32_t thread,
                             double *share);

#endif
