/*
 * Taking in what runtimes write about their code. Its own file because it is the only code of the
 * drain that reads files of the target's making.
 */
#include "preload/contract/code_names.h"

#include "preload/contract/drain.h"
#include "preload/contract/drain_encode.h"
#include "preload/contract/drain_limit.h"
#include "preload/contract/jit_dump.h"
#include "preload/contract/libc_clock.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE (256u << 10)       /* bytes of a file in one record */
#define SMALL_PIECE (4u << 10)   /* where chunks are to be as small as can be */
#define LOOK_NS 1000000000ull    /* while there is no map; seldomer after */
#define SELDOM_NS 30000000000ull /* a while */
#define LATE_NS 2000000000ull    /* later than that behind the last event the file is another's */
#define TICK_NS 20000000ull      /* the times of files are of a clock that ticks */
#define OPEN_FLAGS (O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

void code_names_init(struct drain *drain)
{
    struct code_names *code = &drain->code;
    code->temporary = code->dump = -1;
    code->shared = drain->pid != 0;
    for (int kind = 0; kind < TRACE_CODE_TEXTS; kind++) {
        struct code_text *text = &code->texts[kind];
        text->put = text->settled = text->seen = drain->ring->code_put[kind];
        text->serial = drain->ring->code_serial[kind];
        code->wanted |= text->put > 0;
    }
}

void code_names_release(struct drain *drain)
{
    struct code_names *code = &drain->code;
    if (!code->shared) /* never begun, or without descriptors */
        return;
    if (code->temporary >= 0)
        close(code->temporary);
    if (code->dump >= 0)
        close(code->dump);
    code->temporary = code->dump = -1;
}

bool code_names_is_memory(const char *path)
{
    static const char *const names[] = {"/memfd:", "/dev/zero", "/SYSV"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strncmp(path, names[i], strlen(names[i])) == 0)
            return true;
    return jit_dump_is_name(path);
}

static void begin_anew(struct code_text *text)
{
    text->serial++;
    text->put = text->settled = text->seen = 0;
    text->mark_count = 0;
    text->tail_end = text->tail_size = 0;
    text->refused = false;
}

static uint64_t modified_ns(const struct stat *status)
{
    return (uint64_t)status->st_mtim.tv_sec * 1000000000u + (uint64_t)status->st_mtim.tv_nsec;
}

/* When it was last written to, by the clock of the trace: more exact than when we saw it. The
 * clock of files may be set. Both clocks are read here: a round may have begun long before. */
static uint64_t written_ns(const struct stat *status)
{
    uint64_t real_ns = libc_clock_read_sigsafe(CLOCK_REALTIME);
    uint64_t now_ns = libc_clock_now_sigsafe(), written = modified_ns(status);
    uint64_t age_ns = real_ns > written ? real_ns - written : 0;
    return now_ns > age_ns ? now_ns - age_ns : 0;
}

/* The file has that many bytes now. */
static void note_size(struct code_text *text, const struct stat *status, uint64_t since_ns,
                      uint64_t time_ns)
{
    uint64_t size = (uint64_t)status->st_size;
    bool same_size = size == text->seen && text->modified_ns; /* and it was written to */
    if ((text->inode && text->inode != status->st_ino) || size < text->seen || same_size)
        begin_anew(text);
    text->inode = status->st_ino;
    text->modified_ns = modified_ns(status);
    if (size == text->seen)
        return;
    text->seen = size;
    if (text->mark_count == CODE_NAMES_MARKS) /* what is so busy is told of less exactly */
        since_ns = text->marks[--text->mark_count].since_ns;
    text->marks[text->mark_count++] = (struct code_mark){size, since_ns, time_ns};
}

/* Its user, by whom its files are. */
static bool is_theirs(const struct drain *drain, uid_t user)
{
    char path[32];
    struct stat status;
    if (user == geteuid())
        return true;
    snprintf(path, sizeof path, "/proc/%d", drain->pid);
    return drain->pid && stat(path, &status) == 0 && status.st_uid == user;
}

/* NULL when it may be taken; "" when there is nothing to say of it. */
static const char *objection(const struct drain *drain, const struct stat *status,
                             uint64_t since_ns, uint64_t at_ns)
{
    if (!S_ISREG(status->st_mode))
        return S_ISLNK(status->st_mode) ? "it is a symbolic link" : "it is no regular file";
    if (!is_theirs(drain, status->st_uid))
        return "it belongs to another user";
    if (status->st_nlink > 1)
        return "it has several names";
    bool late = drain->dead && drain->code.temporary < 0 && at_ns > drain->latest_ns + LATE_NS;
    return at_ns + TICK_NS < since_ns || late ? "" : NULL;
}

/* The process's /tmp, of the mount namespace and root directory it has now. It stays reachable
 * when the process is gone. */
static void find_temporary(struct drain *drain)
{
    char path[64];
    if (!drain->code.shared || drain->dead)
        return;
    snprintf(path, sizeof path, "/proc/%d/root/tmp", drain->pid);
    int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (drain->code.temporary >= 0)
        close(drain->code.temporary);
    drain->code.temporary = fd;
}

/* Where the map is looked for, as openat() has it. */
static int map_name(const struct drain *drain, bool parents, char *name, size_t size)
{
    int pid = parents ? drain->ring->parent : drain->ring->pid;
    bool here = drain->code.temporary < 0;
    snprintf(name, size, "%sperf-%d.map", here ? "/tmp/" : "", pid);
    return here ? AT_FDCWD : drain->code.temporary;
}

static bool look_at(struct drain *drain, bool parents)
{
    struct code_names *code = &drain->code;
    struct code_text *text = &code->texts[TRACE_CODE_MAP];
    char name[64];
    struct stat status;
    int directory = map_name(drain, parents, name, sizeof name);
    if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return false;
    if (code->is_parents == parents && text->inode == status.st_ino &&
        (uint64_t)status.st_size == text->seen && modified_ns(&status) == text->modified_ns)
        return true;
    const struct ring_file *ring = drain->ring;
    uint64_t at_ns = written_ns(&status);
    uint64_t since_ns = parents ? ring->parent_start_ns : ring->start_ns;
    const char *why = objection(drain, &status, since_ns, at_ns);
    if (why && *why)
        code->trouble = why;
    if (why)
        return false;
    if (code->is_parents != parents && text->inode)
        begin_anew(text);
    code->is_parents = parents;
    note_size(text, &status, code->looked_ns, at_ns < code->looked_ns ? code->looked_ns : at_ns);
    return true;
}

static void look_at_map(struct drain *drain, uint64_t now_ns)
{
    struct code_names *code = &drain->code;
    bool known = code->texts[TRACE_CODE_MAP].inode != 0 && !code->is_parents;
    if (!known)
        find_temporary(drain);
    if (!look_at(drain, false) && drain->ring->parent > 0)
        look_at(drain, true);
    code->looked_ns = now_ns;
}

void code_names_look(struct drain *drain, uint64_t now_ns)
{
    struct code_names *code = &drain->code;
    if (!code->wanted || (!code->texts[TRACE_CODE_MAP].inode && now_ns < code->look_ns))
        return;
    code->begun_ns = code->begun_ns ? code->begun_ns : now_ns;
    uint64_t rest_ns = (now_ns - code->begun_ns) / 4;
    rest_ns = rest_ns < LOOK_NS ? LOOK_NS : rest_ns > SELDOM_NS ? SELDOM_NS : rest_ns;
    code->look_ns = now_ns + rest_ns;
    look_at_map(drain, now_ns);
}

/* The jitdump is known by a page of it that the runtime maps to be found. */
static void find_dump(struct drain *drain)
{
    struct code_names *code = &drain->code;
    const struct module_map *map = &drain->modules;
    for (; code->modules < map->count; code->modules++) {
        const struct module *module = &map->modules[code->modules];
        code->wanted |= code_names_is_memory(module->path);
        if (jit_dump_is_name(module->path))
            code->dump_module = code->modules + 1;
    }
}

static int open_dump(struct drain *drain)
{
    struct code_names *code = &drain->code;
    const struct module *module = &drain->modules.modules[code->dump_module - 1];
    char path[MODULE_PATH_MAX + 64];
    if (code->dump >= 0)
        return code->dump;
    if (code->shared && !drain->dead)
        snprintf(path, sizeof path, "/proc/%d/root%s", drain->pid, module->path);
    else
        snprintf(path, sizeof path, "%s", module->path);
    struct stat status; /* opening a pipe would wake who waits for that */
    bool regular = lstat(path, &status) == 0 && S_ISREG(status.st_mode);
    int fd = regular ? open(path, OPEN_FLAGS) : -1;
    if (code->shared)
        code->dump = fd;
    return fd;
}

static void close_dump(const struct drain *drain, int fd)
{
    if (fd >= 0 && !drain->code.shared)
        close(fd);
}

static size_t piece_of(const struct drain *drain)
{
    return drain->single ? SMALL_PIECE : drain_limit_of_chunk(drain, PIECE);
}

/* False when no more of it is to be taken. */
static bool has_room(struct drain *drain, const struct code_text *text, size_t size)
{
    uint64_t max = drain->ring->max_size;
    uint64_t most = max ? max / TRACE_PARTS : CODE_NAMES_MAX;
    if (drain->dropping || drain->crowded || text->put > most || size > most - text->put) {
        drain->code.trouble = "it is longer than there is room for: cut";
        return false;
    }
    return true;
}

static void put_head(struct drain *drain, enum trace_code_text kind, const struct code_mark *mark)
{
    const struct code_text *text = &drain->code.texts[kind];
    struct buffer *body = &drain->columns;
    buffer_clear(body);
    buffer_varint(body, kind);
    buffer_varint(body, text->serial);
    buffer_varint(body, text->put);
    buffer_varint(body, mark->end);
    buffer_varint(body, mark->since_ns);
    buffer_varint(body, mark->time_ns);
}

/* What was read becomes a record; the head comes before it, and is not of known size. */
static void put_piece(struct drain *drain, enum trace_code_text kind, const struct code_mark *mark,
                      const uint8_t *bytes, size_t size)
{
    struct code_text *text = &drain->code.texts[kind];
    put_head(drain, kind, mark);
    buffer_bytes(&drain->columns, bytes, size);
    drain->records += encode_record(&drain->payload, TRACE_CODE_NAMES, &drain->columns);
    text->put = mark->end;
}

/* Room for reading, behind what a record is made in. */
static uint8_t *scratch_of(const struct drain *drain)
{
    return drain->columns.bytes + drain->columns.capacity / 2;
}

/* A file that has become another one since it was looked at is left to the next look. */
static int open_map(const struct drain *drain)
{
    char name[64];
    struct stat status;
    int directory = map_name(drain, drain->code.is_parents, name, sizeof name);
    int fd = openat(directory, name, OPEN_FLAGS);
    if (fd >= 0 && (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) ||
                    status.st_ino != drain->code.texts[TRACE_CODE_MAP].inode)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* Those of what is in the trace. */
static void drop_marks(struct code_text *text)
{
    uint32_t done = 0;
    while (done < text->mark_count && text->marks[done].end <= text->put)
        done++;
    text->mark_count -= done;
    memmove(text->marks, text->marks + done, text->mark_count * sizeof text->marks[0]);
}

static void remember_tail(struct code_text *text, const uint8_t *bytes, size_t size)
{
    size_t kept = size < CODE_NAMES_TAIL ? size : CODE_NAMES_TAIL;
    size_t before = text->tail_end + size == text->put ? text->tail_size : 0;
    memmove(text->tail, text->tail + kept, CODE_NAMES_TAIL - kept);
    memcpy(text->tail + CODE_NAMES_TAIL - kept, bytes + size - kept, kept);
    text->tail_size = before < CODE_NAMES_TAIL - kept ? before + kept : CODE_NAMES_TAIL;
    text->tail_end = text->put;
}

/* One record, of what was written by one moment. False when there is none to come. */
static bool put_map_piece(struct drain *drain, int fd, size_t most)
{
    struct code_text *text = &drain->code.texts[TRACE_CODE_MAP];
    drop_marks(text);
    const struct code_mark mark =
        text->mark_count ? text->marks[0] : (struct code_mark){text->seen, 0, 0};
    size_t size = mark.end - text->put < most ? (size_t)(mark.end - text->put) : most;
    uint8_t *bytes = scratch_of(drain);
    text->refused = !has_room(drain, text, size);
    ssize_t got = text->refused ? -1 : pread(fd, bytes, size, (off_t)text->put);
    if (got > 0 && memchr(bytes, '\0', (size_t)got)) {
        drain->code.trouble = "it is no text";
        text->refused = true;
    }
    if (got <= 0 || text->refused) /* shorter than it was: the next look tells */
        return false;
    struct code_mark piece = {text->put + (uint64_t)got, mark.since_ns, mark.time_ns};
    if (piece.end < mark.end)
        piece.time_ns = mark.since_ns; /* the last of it is in another */
    put_piece(drain, TRACE_CODE_MAP, &piece, bytes, (size_t)got);
    remember_tail(text, bytes, (size_t)got);
    return text->put < text->seen;
}

/* A file that was cut off and has grown again since it was looked at before begins anew. */
static void check_tail(struct code_text *text, int fd)
{
    uint8_t tail[CODE_NAMES_TAIL];
    size_t size = text->tail_end == text->put ? text->tail_size : 0;
    ssize_t got = pread(fd, tail, size, (off_t)(text->put - size));
    if (got == (ssize_t)size && memcmp(tail, text->tail + CODE_NAMES_TAIL - size, size) == 0)
        return;
    drop_marks(text);
    struct code_mark whole = {0, 0, 0};
    if (text->mark_count)
        whole = (struct code_mark){0, text->marks[0].since_ns,
                                   text->marks[text->mark_count - 1].time_ns};
    whole.end = text->seen;
    begin_anew(text);
    text->seen = whole.end;
    text->marks[text->mark_count++] = whole;
}

/* Pieces up to a chunk's worth; true when there are more. */
static bool put_map(struct drain *drain)
{
    struct code_text *text = &drain->code.texts[TRACE_CODE_MAP];
    if (!text->inode || text->refused || text->put >= text->seen)
        return false;
    int fd = open_map(drain);
    if (fd < 0)
        return false;
    size_t most = piece_of(drain);
    bool more = true;
    check_tail(text, fd);
    uint64_t first = text->put;
    while (more && text->put - first < most)
        more = put_map_piece(drain, fd, most);
    close(fd);
    return more;
}

static bool is_dump(const struct drain *drain, int fd, struct stat *status)
{
    const struct module *module = &drain->modules.modules[drain->code.dump_module - 1];
    return fd >= 0 && fstat(fd, status) == 0 && S_ISREG(status->st_mode) &&
           is_theirs(drain, status->st_uid) && (!module->inode || module->inode == status->st_ino);
}

static bool put_dump_piece(struct drain *drain, int fd)
{
    struct code_text *text = &drain->code.texts[TRACE_CODE_DUMP];
    struct jit_dump_cut cut = {.fd = fd,
                               .at = text->put,
                               .size = text->seen,
                               .to = scratch_of(drain),
                               .room = piece_of(drain),
                               .block = scratch_of(drain) + PIECE};
    jit_dump_read(&cut);
    if (cut.failed) {
        drain->code.trouble = "the jitdump is damaged";
        text->refused = true;
    }
    if (cut.filled && !has_room(drain, text, cut.filled)) {
        text->refused = true;
        return false;
    }
    bool moved = cut.at > text->put;
    if (cut.filled)
        put_piece(drain, TRACE_CODE_DUMP, &(struct code_mark){cut.at, 0, 0}, cut.to, cut.filled);
    text->put = cut.at;
    return moved && !text->refused && text->put < text->seen;
}

static bool put_dump(struct drain *drain)
{
    struct code_text *text = &drain->code.texts[TRACE_CODE_DUMP];
    struct stat status;
    find_dump(drain);
    if (!drain->code.dump_module || text->refused)
        return false;
    int fd = open_dump(drain);
    bool more = false;
    if (is_dump(drain, fd, &status)) {
        text->inode = status.st_ino;
        text->seen = (uint64_t)status.st_size;
        if (text->seen < text->put)
            begin_anew(text);
        more = text->put < text->seen && put_dump_piece(drain, fd);
    }
    close_dump(drain, fd);
    return more;
}

static void put_trouble(struct drain *drain)
{
    const char *why = drain->code.trouble;
    if (!why || drain->code.trouble_put)
        return;
    drain->records += encode_property(&drain->payload, "code_names_reason", why, strlen(why));
    drain->code.trouble_put = true;
}

bool code_names_put(struct drain *drain)
{
    struct code_names *code = &drain->code;
    bool more_of_dump = put_dump(drain);
    if (!code->wanted)
        return more_of_dump;
    /* The last look is one, whenever the one before it was: some write at their end. */
    if (drain->ending || code->texts[TRACE_CODE_MAP].inode)
        code->look_ns = 0;
    code_names_look(drain, drain->pass_ns);
    bool more_of_map = put_map(drain);
    put_trouble(drain);
    return more_of_dump || more_of_map;
}

void code_names_written(struct drain *drain)
{
    for (int kind = 0; kind < TRACE_CODE_TEXTS; kind++) {
        struct code_text *text = &drain->code.texts[kind];
        text->settled = text->put;
        drain->ring->code_put[kind] = text->put;
        drain->ring->code_serial[kind] = text->serial;
    }
}

void code_names_abandoned(struct drain *drain)
{
    struct code_names *code = &drain->code;
    code->trouble_put = false;
    for (int kind = 0; kind < TRACE_CODE_TEXTS; kind++)
        code->texts[kind].put = code->texts[kind].settled;
}

void code_names_repeat(struct drain *drain)
{
    for (int kind = 0; kind < TRACE_CODE_TEXTS; kind++)
        drain->code.texts[kind].put = drain->code.texts[kind].settled = 0;
    drain->code.trouble_put = false;
}
