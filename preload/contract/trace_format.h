/*
 * The trace file (*.pinj): specification and constants.
 *
 * This comment is the specification; reader and writer both follow it and
 * nothing else. All integers are little-endian.
 *
 * FILE
 *   A trace is a sequence of chunks, nothing before, between or after them.
 *   A chunk is a zstd skippable frame (RFC 8878, 3.1.2) that holds one
 *   `struct trace_chunk_header`, followed by one complete zstd frame with
 *   content size and checksum: `zstd -d` reads the file as it stands.
 *   `sequence` counts chunks from 0 without gaps; a gap is lost data.
 *   A chunk is written when what it holds is there, and refers to nothing behind it: a file
 *   still being written, or whose writer was killed, is sound up to its last whole chunk.
 *
 * PARTS
 *   A trace that keeps the newest alone (setting rotate) lies in up to TRACE_PARTS files: at
 *   first TRACE.pinj, then TRACE.pinj.1 and so on, then TRACE.pinj again in place of the oldest. Each
 *   begins with a chunk that starts an epoch, or is empty. Put one behind the other, by
 *   their first chunks' `sequence`, they are a trace whose first chunks are gone: as many as the first
 *   `sequence` says, with as many records as TRACE_BEFORE says. Where numbers are
 *   missing between files a part came in between: what is before it is to be passed over, or
 *   the files are to be opened anew. Together they are never larger than the setting max_size.
 *
 * DAMAGE
 *   A header is sound when its magic, sizes and signature are right and `header_hash` is; a
 *   chunk, when the frame behind its header is all there, has the hash `frame_hash`, and
 *   decompresses to `raw_size` bytes. Of another `version` nothing but that is known.
 *   A reader goes from the end of a sound chunk to the next. Where no sound header is, it
 *   looks for the next one, byte by byte. Behind a sound header whose chunk is not, it goes on
 *   at the end of the frame if the file ends or a sound header begins there, else it
 *   looks from the frame's start.
 *   Only sound chunks count. One whose `sequence` is not above that of the one before has been
 *   there, and is passed over: a chunk that could not be written to its end may stand in the
 *   file, without its end, before the same one written again. Those between are lost. The
 *   first expected in a file is that of its first chunk if this starts an epoch, else 0.
 *   Behind lost chunks what was defined before still holds where the epoch is told to be the
 *   same (or the one lost has a sound header, without TRACE_CHUNK_EPOCH), else nothing of
 *   the epoch does. Stacks that were defined in what was lost are not known until the next
 *   epoch, threads not until they are defined again; of stacks defined from there on
 *   TRACE_STACKS tells the numbers.
 *
 * EPOCHS
 *   A chunk with TRACE_CHUNK_EPOCH set starts an epoch: properties, modules
 *   and the threads and stacks used from there on are defined again, and the
 *   numbering of threads and stacks starts anew. A definition comes before what
 *   uses it, in the same chunk or an earlier one of the epoch. A reader can start
 *   at any epoch, and dropping whole epochs leaves a sound trace. The first chunk
 *   starts the first epoch. Epochs are numbered from 1 in the header's flags, see
 *   TRACE_CHUNK_EPOCH_SHIFT: behind a gap it is the same one or not. (tid, start) and
 *   (pc, parent) identify threads and stacks across epochs; numbers do not.
 *
 * PAYLOAD
 *   The decompressed frame is a sequence of records:
 *       tag:varint  length:varint  body:length bytes
 *   A reader skips tags it does not know and ignores bytes at the end of a
 *   body it does not know. Tag numbers are permanent. A field of no given type is a
 *   varint. Numbers that no process can come to, as 2^56 bytes, are damage.
 *
 *   varint   unsigned LEB128, at most 10 bytes
 *   svarint  varint of the zigzag form: (v << 1) ^ (v >> 63)
 *   string   length:varint, then that many bytes, no NUL at the end: of any kind, not
 *            always UTF-8
 *   time     varint, nanoseconds of CLOCK_MONOTONIC
 *
 *   TRACE_PROPERTY      name:string value:string
 *       A fact about the process or the recording. Numbers are decimal. The
 *       last value of a name counts, for the whole trace. Names: comm, exe, args (NUL-separated),
 *       pid, ppid, host, kernel, cpus, page_size, start_realtime_ns, start_monotonic_ns,
 *       frequency_asked, weight_unit_ns (nanoseconds one unit of sample weight
 *       stands for), clock, unwinder, libunwind (version or "absent"), servant (who wrote the
 *       trace: "inside", a thread of the process; "outside", another process; "none", the
 *       process's own threads at its end), heap
 *       (mode, or "unavailable"), heap_reason (why unavailable), heap_interval (mean
 *       bytes between sampled allocations), heap_block_charge (bytes a block counts besides
 *       its own then; none: 0), counters (of the
 *       hardware: "by sample", "by thread", or "unavailable"), counters_reason, kernel_frames ("on",
 *       "off" or "unavailable"), kernel_frames_reason, resources ("on", "off", or why
 *       there are none), resources_asked (looks per second), boot_id, max_depth,
 *       ring_file, library_version, looks_asked (looks per second at threads off the
 *       processor, clock wall), looks and looking_ns (how many were made in how much
 *       time: cumulative, repeated in later chunks), waits ("on", "off"), wait_threshold_ns, waits_lost (waits that
 *       there was no room for: cumulative, repeated), likewise resources_lost (values of
 *       TRACE_RESOURCES that there was no room for), servant_cpu_ns (CPU time of who
 *       writes the trace, as far as it is for this process), brief_children and
 *       brief_children_us (fork children that ended before they had anything to tell, and
 *       have no trace; microseconds of CPU time), oom_kill (that the kernel killed the process
 *       for want of memory: who says so), setting.NAME for every setting, and, of the machine where
 *       the trace follows it (TRACE_RESOURCE), machine.NAME of preload/resources/machine_facts.h:
 *       machine.packages, absent where there is one: "0: 0-6:2; 1: 1-7:2", for each its number and its
 *       processors: what a series says of subject "package 1" is of 1, 3, 5 and 7; and
 *       machine.threads, absent where cores have one thread: "4: 0-3", for each distance processors
 *       that have another thread of their core so far above them: what a series of the core counters
 *       (cpu.throttles, cpu.throttled) says of "cpu0" is of 4 too. In both, groups are separated by "; ",
 *       in them numbers, ranges FIRST-LAST and ranges FIRST-LAST:STEP by ",", rising.
 *   TRACE_MODULE        id start:varint end:varint bias:varint generation
 *                       loaded:time path:string build_id:string
 *       Code mapped at [start, end). ELF virtual address = pc - bias. `id`
 *       counts from 1. Path "[vdso]" has no file. `generation` is the first
 *       generation (see TRACE_STACKS) in which the module was there. `build_id`: its bytes
 *       as in the file, empty where it has none.
 *   TRACE_MODULE_GONE   id generation:varint unloaded:time
 *       First generation in which the module is no longer there.
 *   TRACE_THREAD        thread tid start:time name:string
 *       `thread` numbers threads of this epoch from 1, in order of definition.
 *       A repeated definition (same thread number) renames the thread; each chunk that
 *       has records of a thread defines it before them.
 *   TRACE_THREAD_TOTALS thread cpu_ns samples lost alloc_count alloc_bytes
 *                       free_count free_bytes flags end:time paused_ns
 *       Exact counts since the thread was attached (for most: its start); the last
 *       one counts. `cpu_ns` is by the thread's CPU clock. `samples`
 *       are stacks taken, `lost` samples dropped for want of room. Bytes are
 *       usable sizes (malloc_usable_size). `end` is 0 while the thread lives.
 *       flags: TRACE_THREAD_FOREIGN. `paused_ns` is the part
 *       of `cpu_ns` used while nothing was to be sampled: before the start, in pauses.
 *   TRACE_STACKS        generation first:varint chains:varint, then for each column, in this
 *                       order, `chains` values:
 *       back     varint    the parent of the chain's first node
 *       length   varint    nodes << 1 | whether a sample's stack ends there
 *                       and then for each node of these chains:
 *       which    varint    its code: 0 one that is new in this record, else the n-th of those
 *                          that were
 *                       and for each code that is new:
 *       code     svarint   less what is expected there
 *       Defines stack nodes. The first node of an epoch has the number TRACE_STACK_FIRST, later
 *       ones count on; `first` is the number of the first one here: behind a gap those that were
 *       never seen are unknown. A node is one frame whose caller is the node `parent`; a sample
 *       names its leaf. Of a chain's nodes each but the first has the one before it as parent.
 *       back 0..TRACE_STACK_FIRST-1: parent is that reserved number;
 *       otherwise parent = number - (back - TRACE_STACK_FIRST + 1).
 *       code = pc << TRACE_NODE_BITS | TRACE_NODE_* flags, in 64 bits: back by a shift in two's
 *       complement. Expected is the code of the node that
 *       was last defined in this record with a parent of the same code, parents of other records,
 *       and none, taken for one code; else the code that was new before, at first 0: what the same
 *       function calls is most often near. pc is a return address, to be looked up at pc - 1,
 *       unless TRACE_NODE_EXACT is set. Every dlclose starts a generation, and
 *       others may be started without one: a
 *       pc belongs to the module there in the node's generation; modules are noticed a little
 *       late: where none was, to the one that went last, else to the next. One in the upper
 *       half of the address space is the kernel's, below the frame that called it.
 *   TRACE_SAMPLES       thread position:varint base:time count columns:varint,
 *                       then for each column, in this order, count values:
 *       time     varint    since the sample before, the first since base, in units of
 *                          2^u microseconds, u = columns >> TRACE_COLUMN_TIME & 15
 *       stack    varint    node number; TRACE_STACK_NEXT: the end of the next chain with
 *                          that mark, in TRACE_STACKS records since the TRACE_SAMPLES before
 *       weight   varint    units of property weight_unit_ns, uncorrected
 *       and, when columns has TRACE_COLUMN_MEMORY, for what the thread
 *       allocated and freed since its sample before:
 *       allocs   varint    number of allocations
 *       bytes    varint    usable bytes allocated
 *       frees    svarint   allocations minus frees
 *       freed    svarint   bytes allocated minus bytes freed
 *       (when columns has TRACE_COLUMN_EIGHTHS, these two in units of 8 bytes)
 *       and, when columns has TRACE_COLUMN_REGION:
 *       region   varint    the region the thread was in, 0: none
 *       CPU time is weight times weight_unit_ns, and TRACE_REST.
 *       `position` is the byte position of the batch in the thread's ring:
 *       replaying a ring skips what the trace already holds.
 *   TRACE_REGION        id parent name:string count total:varint longest:varint
 *       A region of the program's own naming (profinject_region_push). `id` counts
 *       from 1; `parent` is the region it was entered from, 0: none. `count` times
 *       left, nanoseconds of wall time in all and of the longest, over all threads,
 *       cumulative: the last record counts. Regions and counters keep their ids for
 *       the whole trace and may be used before they are defined.
 *   TRACE_COUNTER       id kind name:string
 *       A counter: TRACE_COUNTER_PROGRAM (profinject_counter), TRACE_COUNTER_HARDWARE
 *       ("instructions", "cycles"), or TRACE_COUNTER_PER_THREAD, one of the hardware's that
 *       is not known per stack: all of it is charged to stack 0. `id` counts from 0.
 *   TRACE_COUNTS        thread base:time count, then for each column, in this
 *                       order, count values:
 *       time     varint    microseconds since the one before, the first since base
 *       stack    varint
 *       counter  varint
 *       delta    svarint   what the thread added to the counter since its sample
 *                          before, charged to the stack of this one; with stack 0,
 *                          at the thread's or the process's end: after its last.
 *                          The sum of all is the counter
 *       region   varint    as in TRACE_SAMPLES
 *   TRACE_OFFCPU        thread base:time count, then likewise:
 *       time     varint    as in TRACE_COUNTS: end of a stretch in which the thread did not run
 *       stack    varint    where it was; TRACE_STACK_COMPLETE: not known, because it
 *                          was ready to run, or was never seen waiting
 *       length   varint    nanoseconds of wall time
 *       state    varint    enum trace_offcpu
 *   TRACE_WAITS         thread flags base:time count, then for each column, in this order,
 *                       count values:
 *       time     svarint   microseconds since that of the one before, first: since base: end of
 *                          the last wait
 *       stack    varint    of the call that waited, TRACE_STACK_COMPLETE: not known
 *       kind     varint    enum trace_wait
 *       object   svarint   less that of the one before, first: less 0. What was waited for: address
 *                          of a lock, condition, semaphore, barrier or futex; of what has
 *                          a descriptor id of a TRACE_OBJECT; 0: not known
 *       peer     varint    tid, of TRACE_WAIT_CHILD pid, 0: not known: of a lock who had it when the
 *                          wait began; of what a thread ends, or a process, by ending, that; else who
 *                          ended the wait, as far as hooks saw both
 *       count    varint    waits, 0: one that is not over: it lasts until something else of
 *                          the thread is told, or its end; told anew it is the same
 *       total    varint    nanoseconds of wall time, of all of them
 *       longest  varint    likewise, of the longest; 0 where count < 2: total
 *       span     varint    nanoseconds from the beginning of the first to the end of the last;
 *                          0 where count < 2: total
 *       bytes    varint    that came, or went
 *       region   varint    as in TRACE_SAMPLES
 *       Waits in calls that hooks saw (property waits = on), each longer than the property
 *       wait_threshold_ns: those of one thread with stack, kind, object, peer and region in
 *       common. `total` is all of the time: the thread may have run in it, or been ready to; see
 *       TRACE_SCHEDULING. With TRACE_WAITS_HELD, of a thread that had not ended: void, and told again,
 *       where a TRACE_END does not hold.
 *   TRACE_SCHEDULING    thread when:time known cpu runnable voluntary involuntary migrations
 *                       paused
 *       Cumulative, since the thread was attached, by the kernel's count: nanoseconds it ran,
 *       nanoseconds it was ready to and had no processor; switches to others because it waited, and
 *       for others' sake; moves to another processor. `known`: TRACE_SCHEDULING_* says which.
 *       `paused`: nanoseconds of wall time in which nothing was to be sampled. The wall time since `start`
 *       of the thread, less this one, `cpu` and `runnable`, is what it was blocked.
 *   TRACE_OBJECT        id kind identity:varint name:string, then twice, of reading and of writing:
 *                       calls bytes small onward
 *       What waits name as object, and was read from or written to. `id` counts from 1, and
 *       is kept for the whole trace; it may be used before it is defined. `kind` is enum trace_object.
 *       `identity` of a lock is its address, else tells objects of one process apart.
 *       Calls in all; small: of less than 512 bytes; onward: of a file, that began where the one before
 *       ended. Cumulative: the last record counts.
 *   TRACE_HANDLER       frames reused rules_hit rules_made longest:varint, then
 *                       two histograms: durations in ns, frames per walk
 *       What the sample handler cost, over all threads, cumulative: the last
 *       record counts. `frames` walked in all, `reused` of them taken from the walk before;
 *       unwinding rules found in the cache, and made; nanoseconds the longest one took. A
 *       histogram is count:varint of pairs bucket:varint number:varint, without those that
 *       are 0; trace_bucket_low() says where a bucket begins.
 *   TRACE_REST          thread stack length:varint
 *       At a thread's or the process's end, where the clock rides on the kernel's tick:
 *       `length` nanoseconds of CPU time beyond what the thread's samples stand for, and
 *       the stack they are charged to: of its last sample; 0: not known. Of several
 *       records of a thread the last counts.
 *   TRACE_UNWINDING     count, then count x number:varint
 *       What the tables alone did not say, over all threads, cumulative: the last record
 *       counts. Numbers in the order of enum trace_unwinding.
 *   TRACE_BEFORE        records:varint
 *       In a trace that rotates, at the start of every epoch: records in all chunks before
 *       this one, also those that are gone.
 *   TRACE_HEAP          thread base:time count, then likewise:
 *       time     varint    nanoseconds, not micro-, since the event before
 *       kind     varint    enum trace_heap_event
 *       address  svarint   of the block, since that of the event before, first: since 0
 *       and, for the allocations among them only:
 *       stack    varint
 *       size     varint    bytes asked for
 *       region   varint    as in TRACE_SAMPLES
 *       What the thread allocated and freed, as far as it was sampled: an allocation of s bytes
 *       is there with probability p = 1 - e^(-(s + heap_block_charge)/heap_interval), 1 when
 *       heap_interval is 0, and stands for 1/p; a free is there when its allocation is. Time
 *       of a free is before the block is free for others, of an allocation after it was had:
 *       events of all threads sorted by time tell the life of every address.
 *   TRACE_HEAP_UNTIL    until:time lost:varint
 *       Follows the TRACE_HEAP records of a chunk, and TRACE_HEAP_EVENTS when some were
 *       lost. Events before `until` are in this chunk or an earlier one, but for some whose
 *       blocks nobody freed or reused by then. `lost` events were dropped for want of room,
 *       over all threads, cumulative.
 *   TRACE_HEAP_EVENTS   thread stream serial:varint shift:varint ticks:varint address:varint
 *                       places:varint, then places x: stack:varint region:varint,
 *                       then, to the end of the body, events:
 *       head     varint    (zigzag((address - address before) >> shift) << 2) | kind
 *       ticks    varint    since the event before
 *       and, of allocations only (kind >= TRACE_HEAP_EXACT_ALLOC):
 *       size     varint    bytes asked for
 *       place    varint    index in `places`
 *       Every allocation and free of a thread (property heap = exact), as the thread itself
 *       wrote them. A thread has one stream, and one for each depth of its own signal
 *       handlers that allocate: `stream`. Records of one stream are in order; `serial`
 *       counts its segments from 0: one missing is lost data. A segment may come in parts, each
 *       a record of that serial with `places` of its own. `ticks` and `address` are what
 *       the first event counts from. Ticks count something steady that all threads share,
 *       see TRACE_HEAP_CLOCK; those of a free are from before the block is free for others,
 *       of an allocation from after it was had. Two threads' readings may differ by a few
 *       ticks: of an allocation of a live address, the free is still to come. A free of the
 *       block that its thread allocated last is what TRACE_HEAP calls TEMPORARY.
 *   TRACE_HEAP_CLOCK    ticks:varint when:time
 *       Both read at one moment. Before the first TRACE_HEAP_EVENTS of a trace and in every
 *       chunk that has some, behind them: times between two are interpolated. As `until`
 *       in TRACE_HEAP_UNTIL, that moment is the one up to which the events are there.
 *   TRACE_MAPPINGS      thread base:time count, then for each column, in this order,
 *                       count values:
 *       time     varint    nanoseconds since the event before
 *       kind     varint    enum trace_mapping
 *       address  svarint   of the range, since that of the event before, first: since 0
 *       length   varint    bytes
 *       stack    varint    0 unless kind >= TRACE_MAPPING_MAP
 *       region   varint    as in TRACE_SAMPLES
 *       Anonymous memory of 1 MiB or more that the program mapped itself, or took by brk, in
 *       the order of the thread's calls, and the ends of it: a range may be part of one that
 *       was made, of several, or of none. TRACE_HEAP_UNTIL follows. What is there
 *       in the property `mapped`: "on", or why not.
 *   TRACE_MAPPINGS_LOST lost:varint
 *       Events of TRACE_MAPPINGS dropped for want of room, over all threads, cumulative.
 *   TRACE_RESIDENT      when:time known resident shared live held held_resident mapped
 *                       mapped_resident shmem large large_resident stacks data own lazy loose huge hugetlb
 *                       file_resident highest file:string
 *       The process's memory at a moment, in bytes. `known` says which numbers are: bits of
 *       TRACE_RESIDENT_*, others are 0. `resident` is the kernel's count, `shared` of it what
 *       files and shared memory have. `live`: usable bytes of the heap's blocks, by the
 *       threads' exact counts. `held`: address space the allocator has its small blocks in
 *       (the break and the arenas of the C library's; what any other mapped), and how much
 *       of it is resident. `mapped`: as in TRACE_MAPPINGS, and of it private and resident.
 *       Those from `shmem` on by TRACE_RESIDENT_KINDS, but `lazy`,
 *       `huge`, `hugetlb` and `file`, by TRACE_RESIDENT_PAGES: `shmem` is
 *       the part of `shared` that no file on a disk has. `large`: address space of blocks of
 *       the C library's allocator with mappings of their own, and how much of it is resident.
 *       `stacks` of threads, `data` of modules (private pages of files, and zeros behind
 *       them), `own` memory of the profiler, `lazy`: freed by MADV_FREE and not yet taken,
 *       `loose`: anonymous memory of none of these. All these but `large`, and `shared`,
 *       `held_resident` and `mapped_resident`, make up `resident`. `huge` of it is in
 *       transparent huge pages; `hugetlb`, reserved huge pages in use, is beside it. `file` (the end of its
 *       path) has the area with most resident, `file_resident`. `highest`: `resident` has been
 *       that, at most, by the kernel.
 *   TRACE_MEMORY        kind:varint thread:varint start:varint size:varint before:varint name:string,
 *                       then, to the end of the body, words:
 *       gap      varint    words of 8 bytes left out between the one before it and this one,
 *                          first: between `start` and it
 *       value    svarint   what it held, since the value of the word before, first: since 0
 *       Of a scan at the end (setting leak_scan): words in memory of one kind (enum
 *       trace_memory), from `start` on, that hold an address in memory of which allocators
 *       give blocks. Several records may tell of parts of one mapping, which begins `before`
 *       bytes below `start` and ends with the part. `name`: of the mapping.
 *       `thread`: tid whose stack or registers they are, else 0.
 *   TRACE_SCAN          begin:time length:varint bytes:varint left:varint threads:varint
 *                       threads_left:varint limit:varint whole:varint
 *       That scan as a whole, behind its TRACE_MEMORY records: nanoseconds it took, bytes
 *       looked at and not, threads whose registers are among them and are not, and what
 *       ended it (enum trace_scan_limit). `whole` is 1 when the process's heap was recorded
 *       from its first block on, without a pause: words outside the blocks there are now are
 *       left-overs then.
 *   TRACE_CODE_NAMES    kind:varint serial:varint offset:varint next:varint since:time
 *                       written:time, then to the end of the body bytes
 *       Of a file in which the process's runtime names code that it makes (enum trace_code_text):
 *       what it has from byte `offset` to before `next`. In order; where a record is missing a gap
 *       is, and what comes again, as in a new part, is the same. With another `serial` the file
 *       began anew; what it said before was true until then. The property code_names_reason says
 *       why there is less than there was.
 *       TRACE_CODE_MAP (/tmp/perf-PID.map, of the process or of the one it was forked from): the
 *       bytes; lines may go on in the next record. All of it was written after `since`, where the
 *       file was looked at before (0: it was not), and the last of it at `written`. A line names
 *       code until another names code that overlaps it.
 *       TRACE_CODE_DUMP (jit-PID.dump, tools/perf/Documentation/jitdump-specification.txt of
 *       Linux): whole records, those with `id` 0 to 3, of JIT_CODE_LOAD without the code: its
 *       `total_size` counts that all the same. Their times are those of the file.
 *   TRACE_RESOURCE      id type scope digits tid name:string unit:string subject:string
 *                       reason:string
 *       A series of numbers about the machine (TRACE_SCOPE_MACHINE), the process or one of its
 *       threads, `tid` (else 0). `id` counts from 1, and is kept for the whole trace; it may be used
 *       before it is defined. Values are in `unit` when divided by 10^digits. Those of a
 *       TRACE_RESOURCE_GAUGE hold at their times; a TRACE_RESOURCE_COUNTER's are cumulative, and `unit`
 *       is that of their increase per second. `name` is one of preload/resources/catalogue.def,
 *       or a later version's; `subject`: of which of several, as a disk. `reason`: there are no
 *       values from here on, and why; empty: there are. The last definition counts. The machine's are
 *       in one trace of a recording at a time.
 *   TRACE_RESOURCES     base:time moments:varint series:varint, then
 *       time     varint    `moments` times: microseconds since the one before, first: since base
 *                       and then `series` times:
 *       id       varint
 *       points   varint    points << 2 | TRACE_RESOURCES_SKIPS | TRACE_RESOURCES_SECOND
 *       multiple varint    what differences of values are to be multiplied by
 *       skipped  varint    moments << 1 between this point and the one before of the series, first:
 *                          before it in this record | whether it had not changed until the
 *                          last of them: it was then as at the point before, even in an earlier
 *                          record. Once, and where TRACE_RESOURCES_SKIPS is set for every further
 *                          point; else they are 0 there
 *       value    svarint   less the one before, first: less 0, and not to be multiplied. Where
 *                          TRACE_RESOURCES_SECOND is set, from the third on: that difference less
 *                          the one before it
 *       All in 64 bits, modulo 2^64. The first moment may be the last of the record before. A series
 *       without a point at a moment has not changed, or was not looked at: the next one's bit says.
 *   TRACE_DEATH         thread tid when:time signal code:svarint address:varint sender stack
 *       A signal came for which the program had no handler, and which ends processes by
 *       default: SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP or SIGSYS; the last one
 *       counts. `thread` it came to, 0: one that is not in the trace, `tid`; `code` and
 *       `address` as in siginfo_t (the address of a fault, else 0), `sender` the process that
 *       sent it, 0: the kernel did. `stack`: where the thread was. With TRACE_END_KILLED, or no
 *       end, the process died of it; with another it lived on.
 *   TRACE_END           kind:varint status:varint when:time cpu_ns
 *       How the process image ended: enum trace_end. Absent: it still runs, or was killed and
 *       nobody has looked since. Followed by samples, counts or rests: void, the exec failed; so are then the
 *       rests, and counts with stack 0, of threads that had not ended: they come again. status: exit
 *       status for TRACE_END_EXIT; for TRACE_END_KILLED, which whoever found the process gone
 *       wrote, the signal, plus 128 where it left a core, or 0: not known; `when` may be 0 there,
 *       not known, and cpu_ns is. Totals of its threads are the last that were read.
 *
 * Shared by the library (writer) and the analyzer (reader). Header only, no
 * state, every function signal-safe.
 */
#ifndef PROFINJECT_TRACE_FORMAT_H
#define PROFINJECT_TRACE_FORMAT_H

#include "preload/contract/trace_values.h"

#include <assert.h>
#include <stdint.h>

#define TRACE_VERSION 2u
#define TRACE_SKIPPABLE_MAGIC 0x184D2A5Du
#define TRACE_SIGNATURE "profinj\n"

/* flags of struct trace_chunk_header */
#define TRACE_CHUNK_EPOCH 1u
/* In a trace that was cleaned of damage: chunks that stood before this one were lost. */
#define TRACE_CHUNK_GAP 2u
/* From this bit on: the number of the epoch, modulo 2^24; 0: not told. */
#define TRACE_CHUNK_EPOCH_SHIFT 8

/* One per chunk, including the 8 bytes of the skippable frame's own header. */
struct trace_chunk_header {
    uint32_t skippable_magic; /* TRACE_SKIPPABLE_MAGIC */
    uint32_t skippable_size;  /* sizeof(struct) - 8 */
    char signature[8];        /* TRACE_SIGNATURE, no NUL */
    uint32_t version;         /* TRACE_VERSION */
    uint32_t flags;           /* TRACE_CHUNK_* */
    uint32_t sequence;        /* 0, 1, 2, ... */
    uint32_t records;         /* records in the payload */
    uint32_t compressed_size; /* bytes of the zstd frame that follows */
    uint32_t raw_size;        /* bytes of the payload */
    uint64_t time_first;      /* no event in it is earlier, or later: ns CLOCK_MONOTONIC, */
    uint64_t time_last;       /* 0 where there is none */
    uint64_t frame_hash;      /* XXH64, seed 0, of the zstd frame */
    uint64_t header_hash;     /* XXH64, seed 0, of the bytes before this field */
};
static_assert(sizeof(struct trace_chunk_header) == 72, "wire size is permanent");

/* Files of a trace that rotates, and the end of a name that one has while it is made. */
#define TRACE_PARTS 4u
#define TRACE_PART_NEW ".new"

/* A reader refuses larger payloads: no writer makes them. */
#define TRACE_CHUNK_MAX (64u << 20)

enum trace_tag {
    TRACE_PROPERTY = 1,
    TRACE_MODULE = 2,
    TRACE_MODULE_GONE = 3,
    TRACE_THREAD = 4,
    TRACE_THREAD_TOTALS = 5,
    TRACE_STACKS = 6,
    TRACE_SAMPLES = 7,
    TRACE_END = 8,
    TRACE_REGION = 9,
    TRACE_COUNTER = 10,
    TRACE_COUNTS = 11,
    TRACE_OFFCPU = 12,
    TRACE_HANDLER = 13,
    TRACE_REST = 14,
    TRACE_UNWINDING = 15,
    TRACE_BEFORE = 16,
    TRACE_WAITS = 17,
    TRACE_SCHEDULING = 18,
    TRACE_OBJECT = 19,
    TRACE_HEAP = 20,
    TRACE_HEAP_UNTIL = 21,
    TRACE_HEAP_EVENTS = 22,
    TRACE_HEAP_CLOCK = 23,
    TRACE_MAPPINGS = 24,
    TRACE_MAPPINGS_LOST = 25,
    TRACE_RESIDENT = 26,
    TRACE_MEMORY = 28,
    TRACE_SCAN = 29,
    TRACE_DEATH = 30,
    TRACE_CODE_NAMES = 31,
    TRACE_RESOURCE = 32,
    TRACE_RESOURCES = 33,
};

/* Histograms are log-linear: values below 16 exactly, then 8 buckets an octave. */
#define TRACE_BUCKETS 160u

static inline uint32_t trace_bucket_of(uint64_t value)
{
    if (value < 16)
        return (uint32_t)value;
    unsigned octave = 63u - (unsigned)__builtin_clzll(value);
    uint32_t bucket = 8u * (octave - 2u) + (uint32_t)(value >> (octave - 3u) & 7u);
    return bucket < TRACE_BUCKETS ? bucket : TRACE_BUCKETS - 1u;
}

/* The smallest value in `bucket`. */
static inline uint64_t trace_bucket_low(uint32_t bucket)
{
    return bucket < 16 ? bucket : (uint64_t)(8u + bucket % 8u) << (bucket / 8u - 1u);
}

static inline uint64_t trace_zigzag(int64_t value)
{
    return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}

static inline int64_t trace_unzigzag(uint64_t value)
{
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

#endif
