/*
 * Values of fields of the trace's records, for trace_format.h, which says where they stand.
 * Numbers are permanent.
 */
#ifndef PROFINJECT_TRACE_VALUES_H
#define PROFINJECT_TRACE_VALUES_H

enum trace_end {
    TRACE_END_EXIT = 1,    /* exit, _exit, return from main */
    TRACE_END_EXEC = 2,    /* replaced by another program image */
    TRACE_END_UNKNOWN = 3, /* it went on where nothing can be followed: strict seccomp mode */
    TRACE_END_KILLED = 4,  /* by a signal, or gone without a word */
};

/* Reserved stack numbers, the same in ring and trace: what lies above a root. */
enum trace_stack {
    TRACE_STACK_COMPLETE = 0,  /* the walk reached the outermost frame */
    TRACE_STACK_TRUNCATED = 1, /* deeper than max_depth: the leaf side is kept */
    TRACE_STACK_BROKEN = 2,    /* the walk ended where nothing was known */
    TRACE_STACK_NEXT = 3,      /* of a sample: see TRACE_SAMPLES */
    TRACE_STACK_FIRST = 8,     /* the first real node */
};

/* What TRACE_UNWINDING counts. Numbers are permanent. */
enum trace_unwinding {
    /* hard frames found exactly: */
    TRACE_UNWINDING_STATES = 0,    /* by libunwind's register states */
    TRACE_UNWINDING_REGISTERS = 1, /* by our own reading of the tables, every register */
    /* samples whose stack is truncated, guessed or broken, by what the leaf side met first: */
    TRACE_UNWINDING_DEPTH = 2,      /* deeper than max_depth */
    TRACE_UNWINDING_NO_TABLE = 3,   /* code of a module that no table describes */
    TRACE_UNWINDING_OUTSIDE = 4,    /* code outside all modules */
    TRACE_UNWINDING_BAD_TABLE = 5,  /* a table names what cannot be had */
    TRACE_UNWINDING_UNREADABLE = 6, /* stack memory that cannot be read */
    TRACE_UNWINDING_BACKWARDS = 7,  /* a caller's frame below its callee's */
    TRACE_UNWINDING_ASKED = 8,      /* frame pointers alone were asked for */
    /* samples lost for want of room: */
    TRACE_UNWINDING_NO_STACK = 9,  /* on the stack the handler ran on */
    TRACE_UNWINDING_NO_NODES = 10, /* for new stacks */
    TRACE_UNWINDING_NO_RING = 11,  /* in the thread's ring */
    TRACE_UNWINDING_NO_TRACE = 12, /* in the trace: max_size */
    TRACE_UNWINDING_COUNT = 13,
};

/* flags of a stack node */
#define TRACE_NODE_EXACT 1u   /* pc was interrupted, not a return address */
#define TRACE_NODE_GUESSED 2u /* found by frame pointer or assumption */
#define TRACE_NODE_BITS 2

#define TRACE_COLUMN_MEMORY 1u
#define TRACE_COLUMN_REGION 2u
#define TRACE_COLUMN_EIGHTHS 4u
#define TRACE_COLUMN_TIME 3 /* from this bit on, four */

#define TRACE_COUNTER_PROGRAM 0u
#define TRACE_COUNTER_HARDWARE 1u
#define TRACE_COUNTER_PER_THREAD 2u

enum trace_offcpu {
    TRACE_OFFCPU_BLOCKED = 0,  /* in a system call, waiting */
    TRACE_OFFCPU_RUNNABLE = 1, /* ready, another thread has the processor */
    TRACE_OFFCPU_KINDS = 16,   /* more by enum trace_wait: blocked, in a call of that kind */
};

/* What a thread waited in. */
enum trace_wait {
    TRACE_WAIT_MUTEX = 1,
    TRACE_WAIT_READ_LOCK = 2, /* of a reader/writer lock */
    TRACE_WAIT_WRITE_LOCK = 3,
    TRACE_WAIT_ONCE = 4, /* for who runs the initialiser */
    TRACE_WAIT_CONDITION = 5,
    TRACE_WAIT_SEMAPHORE = 6, /* POSIX or System V */
    TRACE_WAIT_BARRIER = 7,
    TRACE_WAIT_JOIN = 8,
    TRACE_WAIT_CHILD = 9, /* for a process: the waitpid family */
    TRACE_WAIT_SLEEP = 10,
    TRACE_WAIT_SIGNAL = 11, /* for one: pause, sigsuspend, sigwait */
    TRACE_WAIT_POLL = 12,   /* for any of several descriptors */
    TRACE_WAIT_READ = 13,
    TRACE_WAIT_WRITE = 14,
    TRACE_WAIT_RECEIVE = 15,
    TRACE_WAIT_SEND = 16,
    TRACE_WAIT_ACCEPT = 17,
    TRACE_WAIT_CONNECT = 18,
    TRACE_WAIT_SYNC = 19, /* until data are on the disk */
    TRACE_WAIT_OPEN = 20,
    TRACE_WAIT_FILE_LOCK = 21,     /* flock, record locks */
    TRACE_WAIT_FUTEX = 22,         /* by syscall() */
    TRACE_WAIT_MESSAGE_QUEUE = 23, /* System V or POSIX */
    TRACE_WAIT_IO_EVENTS = 24,     /* of asynchronous input and output */
    TRACE_WAIT_NAME_LOOKUP = 25,   /* of hosts and services */
    TRACE_WAIT_KINDS = 26,
};

/* flags of TRACE_WAITS */
#define TRACE_WAITS_HELD 1u

/* What TRACE_SCHEDULING knows. */
#define TRACE_SCHEDULING_RUNNABLE 1u
#define TRACE_SCHEDULING_SWITCHES 2u
#define TRACE_SCHEDULING_MIGRATIONS 4u

enum trace_object {
    TRACE_OBJECT_FILE = 1,
    TRACE_OBJECT_PIPE = 2,
    TRACE_OBJECT_SOCKET = 3,
    TRACE_OBJECT_TERMINAL = 4,
    TRACE_OBJECT_OTHER = 5, /* descriptors of other kinds: eventfd, epoll, devices */
    TRACE_OBJECT_LOCK = 6,  /* named by the program */
};

/* See TRACE_RESOURCE. */
enum trace_resource { TRACE_RESOURCE_GAUGE = 1, TRACE_RESOURCE_COUNTER = 2 };
#define TRACE_RESOURCES_SECOND 1u
#define TRACE_RESOURCES_SKIPS 2u
enum trace_scope { TRACE_SCOPE_MACHINE = 1, TRACE_SCOPE_PROCESS = 2, TRACE_SCOPE_THREAD = 3 };

/* Heaps are sampled by bytes, and a block of few bytes would hardly ever be met: each counts
 * so many besides its own. 128 of them bound how many blocks one sample stands for, 4096 at
 * 512 KiB, and cost one sample more per 4096 blocks. */
#define TRACE_HEAP_BLOCK_CHARGE 128

enum trace_heap_event {
    TRACE_HEAP_FREE = 0,
    TRACE_HEAP_TEMPORARY = 1, /* free, by the thread that allocated the block, and it has
                               * allocated nothing since */
    TRACE_HEAP_RESIZED = 2,   /* the block is a block of another size now, perhaps elsewhere */
    TRACE_HEAP_ALLOC = 3,     /* from here on: allocations */
    TRACE_HEAP_RESIZE = 4,    /* the block was one of another size before */
};

enum trace_heap_exact {
    TRACE_HEAP_EXACT_FREE = 0,
    TRACE_HEAP_EXACT_RESIZED = 1, /* as TRACE_HEAP_RESIZED; RESIZE follows in the stream */
    TRACE_HEAP_EXACT_ALLOC = 2,   /* from here on: allocations */
    TRACE_HEAP_EXACT_RESIZE = 3,  /* as TRACE_HEAP_RESIZE; RESIZED came just before */
};

enum trace_mapping {
    TRACE_MAPPING_UNMAP = 0,
    TRACE_MAPPING_MOVED = 1, /* gone from there; the thread's next event says where to */
    TRACE_MAPPING_MAP = 2,   /* from here on: made */
    TRACE_MAPPING_MOVE = 3,  /* what MOVED took away, and what it has grown by */
};

#define TRACE_RESIDENT_LIVE 1u
#define TRACE_RESIDENT_HELD 2u
#define TRACE_RESIDENT_MAPPED 4u
#define TRACE_RESIDENT_KINDS 8u
#define TRACE_RESIDENT_PAGES 16u

enum trace_memory {
    TRACE_MEMORY_DATA = 1,      /* of a module */
    TRACE_MEMORY_HEAP = 2,      /* the program break */
    TRACE_MEMORY_ANONYMOUS = 3, /* mapped, by the program or an allocator */
    TRACE_MEMORY_STACK = 4,     /* the part of it that is in use */
    TRACE_MEMORY_REGISTERS = 5, /* of a thread, as if they were words in memory */
};

enum trace_scan_limit {
    TRACE_SCAN_COMPLETE = 0,
    TRACE_SCAN_TIME = 1, /* it took too long */
    TRACE_SCAN_SIZE = 2, /* there were too many words */
};

/* Files in which a runtime names code that it makes. */
enum trace_code_text {
    TRACE_CODE_MAP = 0,  /* a perf map: lines "START SIZE NAME", in hexadecimal */
    TRACE_CODE_DUMP = 1, /* a jitdump, without the code */
    TRACE_CODE_TEXTS = 2,
};

#define TRACE_KILLED_CORE 128 /* in the status of TRACE_END_KILLED */

#define TRACE_THREAD_FOREIGN 1u /* not started through pthread_create: no memory counts */

#endif
