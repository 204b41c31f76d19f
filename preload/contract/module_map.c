/*
 * Modules from /proc. Its own file because it is the only code that reads maps
 * and ELF headers of a running process.
 */
#include "preload/contract/module_map.h"
#include "preload/contract/own_memory.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODULES_MAX 4096
#define MAPS_MAX (8u << 20)
#define HEADERS_MAX 32 /* program headers looked at */
#define NOTES_MAX 4096
#define MAP_GRAIN 4096
#define HOLES_MAX \
    (1ull << 30) /* between a module's segments, which are aligned to large pages at most */

/* One line of maps. */
struct mapping {
    uint64_t start, end, offset, inode;
    bool executable;
    const char *path; /* NUL-terminated in the text */
};

int module_map_init(struct module_map *map)
{
    memset(map, 0, sizeof *map);
    map->modules = buffer_reserve(MODULES_MAX * sizeof(struct module));
    if (!map->modules)
        return -ENOMEM;
    map->capacity = MODULES_MAX;
    if (buffer_init(&map->text, MAPS_MAX) != 0) {
        module_map_release(map);
        return -ENOMEM;
    }
    return 0;
}

void module_map_release(struct module_map *map)
{
    own_memory_forget(map->modules);
    if (map->modules)
        munmap(map->modules, map->capacity * sizeof(struct module));
    buffer_release(&map->text);
    memset(map, 0, sizeof *map);
}

static int open_proc(int pid, const char *name, int flags)
{
    char path[MODULE_PATH_MAX + 64];
    if (pid)
        snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    else
        snprintf(path, sizeof path, "/proc/self/%s", name);
    return open(path, flags | O_CLOEXEC);
}

/* Reads all of maps, with a NUL behind it. */
static int read_maps(struct buffer *text, int pid)
{
    int fd = open_proc(pid, "maps", O_RDONLY);
    if (fd < 0)
        return -errno;
    buffer_clear(text);
    ssize_t size;
    while ((size = read(fd, text->bytes + text->size, text->capacity - 1 - text->size)) > 0)
        text->size += (size_t)size;
    int status = size < 0 ? -errno : text->size ? 0 : -ESRCH; /* it is dying: all seem gone */
    close(fd);
    text->bytes[text->size] = '\0';
    return status;
}

/* A newline in a path is written as \012 there, and nothing else is changed. */
static void restore_newlines(char *path)
{
    char *to = path;
    while (*path) {
        bool newline = strncmp(path, "\\012", 4) == 0;
        *to++ = newline ? '\n' : *path;
        path += newline ? 4 : 1;
    }
    *to = '\0';
}

/* A file removed while it is in use, as by an upgrade, is the same module still. */
static void strip_deleted(char *path)
{
    static const char mark[] = " (deleted)";
    size_t length = strlen(path);
    if (length > strlen(mark) && strcmp(path + length - strlen(mark), mark) == 0)
        path[length - strlen(mark)] = '\0';
}

/* Parses the line at *cursor and moves past it; false at the end. */
static bool next_mapping(char **cursor, struct mapping *mapping)
{
    char *line = *cursor;
    if (!*line)
        return false;
    char *end = strchr(line, '\n');
    *cursor = end ? end + 1 : line + strlen(line);
    if (end)
        *end = '\0';

    char *rest;
    mapping->start = strtoull(line, &rest, 16);
    mapping->end = strtoull(rest + 1, &rest, 16);
    mapping->executable = rest[3] == 'x';
    mapping->offset = strtoull(rest + 5, &rest, 16);
    rest = strchr(rest + 1, ' '); /* over the device */
    mapping->inode = rest ? strtoull(rest, &rest, 10) : 0;
    while (rest && *rest == ' ')
        rest++;
    if (rest) {
        strip_deleted(rest);
        restore_newlines(rest);
    }
    mapping->path = rest ? rest : "";
    return true;
}

/* A module's image: in memory, where it is mapped, or in its file. */
struct image {
    int fd;
    uint64_t start; /* of it in `fd`; 0: the file */
};

static bool read_at(const struct image *image, uint64_t at, void *to, size_t size)
{
    return pread(image->fd, to, size, (off_t)at) == (ssize_t)size;
}

/* Takes the GNU build-id from the notes at `address`, if it is there. */
static void read_build_id(const struct image *image, uint64_t address, uint64_t size,
                          struct module *module)
{
    uint8_t notes[NOTES_MAX];
    if (size > sizeof notes || !read_at(image, address, notes, size))
        return;
    for (uint64_t at = 0; at + sizeof(Elf64_Nhdr) <= size;) {
        Elf64_Nhdr note;
        memcpy(&note, notes + at, sizeof note);
        uint64_t name = at + sizeof note, value = name + ((note.n_namesz + 3u) & ~3u);
        if (note.n_namesz > size || note.n_descsz > size || value + note.n_descsz > size)
            return;
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
            memcmp(notes + name, "GNU", 4) == 0 && note.n_descsz <= MODULE_BUILD_ID_MAX) {
            memcpy(module->build_id, notes + value, note.n_descsz);
            module->build_id_size = note.n_descsz;
            return;
        }
        at = value + ((note.n_descsz + 3u) & ~3u);
    }
}

/* True when what is mapped from `offset` of the file on is, in part, of the segment. The first
 * one holds offset 0, whatever it says. */
static bool is_of(const Elf64_Phdr *segment, uint64_t offset)
{
    return segment->p_type == PT_LOAD &&
           (!offset || (offset + MAP_GRAIN > segment->p_offset &&
                        offset < segment->p_offset + segment->p_filesz));
}

/* Bias and build-id from the ELF header at the image's start; false when it is none. */
static bool read_headers(const struct image *image, struct module *module)
{
    Elf64_Ehdr header;
    Elf64_Phdr segments[HEADERS_MAX];
    if (!read_at(image, image->start, &header, sizeof header) ||
        memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_phnum > HEADERS_MAX ||
        header.e_phentsize != sizeof segments[0] ||
        !read_at(image, image->start + header.e_phoff, segments,
                 header.e_phnum * sizeof segments[0]))
        return false;
    bool found = false;
    for (int i = 0; i < header.e_phnum && !found; i++)
        if (is_of(&segments[i], module->offset)) {
            module->bias =
                module->start - module->offset - (segments[i].p_vaddr - segments[i].p_offset);
            found = true;
        }
    for (int i = 0; i < header.e_phnum && found && !module->build_id_size; i++) {
        uint64_t at = image->start ? module->bias + segments[i].p_vaddr : segments[i].p_offset;
        if (segments[i].p_type == PT_NOTE)
            read_build_id(image, at, segments[i].p_memsz, module);
    }
    return found;
}

/* Where memory is not to be read (Yama lets only ancestors do it, no process beside): from the
 * file, if it is the one that was mapped. */
static void read_file(int pid, struct module *module)
{
    char name[MODULE_PATH_MAX + 8];
    struct stat status;
    snprintf(name, sizeof name, "root%s", module->path);
    struct image file = {
        .fd = module->inode ? open_proc(pid, name, O_RDONLY | O_NONBLOCK | O_NOCTTY) : -1};
    if (file.fd < 0)
        return;
    if (fstat(file.fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_ino == module->inode)
        read_headers(&file, module);
    close(file.fd);
}

/* The known module this one is, or NULL. */
static struct module *find_same(struct module_map *map, const struct module *module)
{
    for (uint32_t i = map->count; i-- > 0;) {
        struct module *known = &map->modules[i];
        if (!known->unloaded_ns && known->start == module->start && known->inode == module->inode &&
            strcmp(known->path, module->path) == 0)
            return known;
    }
    return NULL;
}

/* Whose modules are looked at, and how. */
struct scan {
    struct module_map *map;
    int pid, mem; /* mem: its memory, -1: not to be had */
    uint32_t generation;
    uint64_t now_ns;
};

static void add_module(const struct scan *scan, struct module *module)
{
    struct module_map *map = scan->map;
    const struct image memory = {.fd = scan->mem, .start = module->start};
    struct module *known = find_same(map, module);
    if (known) {
        known->seen = true;
        known->end = module->end;
        return;
    }
    if (map->count == map->capacity)
        return;
    module->bias = module->start;
    if (memory.fd < 0 || module->offset || !read_headers(&memory, module))
        read_file(scan->pid, module);
    module->seen = true;
    module->generation = scan->generation;
    module->loaded_ns = scan->now_ns;
    map->modules[map->count++] = *module;
}

/* A library that left and came back at the same place between two scans cannot
 * be told from one that stayed; then it has the same names as well. */
static void mark_vanished(struct module_map *map, uint32_t generation, uint64_t now_ns)
{
    for (uint32_t i = 0; i < map->count; i++) {
        struct module *module = &map->modules[i];
        if (!module->seen && !module->unloaded_ns) {
            module->unloaded_ns = now_ns;
            module->gone = generation;
        }
    }
}

/* Runtimes map parts of their own file once more, far away, to be near code that they make. */
static bool is_near(const struct mapping *mapping, const struct module *module)
{
    uint64_t distance = mapping->start - module->start, in_file = mapping->offset - module->offset;
    return mapping->offset >= module->offset && distance <= in_file + HOLES_MAX;
}

static bool is_file_or_vdso(const struct mapping *mapping)
{
    return mapping->path[0] == '/' || strcmp(mapping->path, "[vdso]") == 0;
}

int module_map_scan(struct module_map *map, int pid, uint32_t generation, uint64_t now_ns)
{
    int status = read_maps(&map->text, pid);
    if (status != 0)
        return status;
    const struct scan scan = {.map = map,
                              .pid = pid,
                              .mem = open_proc(pid, "mem", O_RDONLY),
                              .generation = generation,
                              .now_ns = now_ns};
    for (uint32_t i = 0; i < map->count; i++)
        map->modules[i].seen = false;

    /* A module is the run of mappings of one file from its offset 0 on. Small files
     * by lld have their code in the first page as well, mapped a second time. */
    struct module current = {0};
    bool executable = false;
    struct mapping mapping;
    for (char *cursor = (char *)map->text.bytes; next_mapping(&cursor, &mapping);) {
        bool starts =
            !mapping.offset && !(mapping.executable && !executable && mapping.start == current.end);
        bool continues = current.end && mapping.inode == current.inode && !starts &&
                         strcmp(mapping.path, current.path) == 0 && is_near(&mapping, &current);
        if (continues) {
            current.end = mapping.end;
            executable |= mapping.executable;
            continue;
        }
        if (!is_file_or_vdso(&mapping))
            continue;
        if (executable)
            add_module(&scan, &current);
        memset(&current, 0, sizeof current);
        current.start = mapping.start;
        current.end = mapping.end;
        current.inode = mapping.inode;
        current.offset = mapping.offset;
        snprintf(current.path, sizeof current.path, "%s", mapping.path);
        executable = mapping.executable;
    }
    if (executable)
        add_module(&scan, &current);
    mark_vanished(map, generation, now_ns);
    if (scan.mem >= 0)
        close(scan.mem);
    return 0;
}

bool module_map_covers(const struct module_map *map, uint64_t pc)
{
    for (uint32_t i = 0; i < map->count; i++) {
        const struct module *module = &map->modules[i];
        if (!module->unloaded_ns && pc >= module->start && pc < module->end)
            return true;
    }
    return false;
}
