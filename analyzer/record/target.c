/*
 * Judging executables. Its own file because it is the only part of the launcher
 * that reads foreign files.
 */
#include "analyzer/record/target.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define SCRIPT_DEPTH 5  /* the kernel follows no more #! lines */
#define HEADERS_MAX 128 /* program headers that are looked at */

/* Where the shell's rules would find `command`. */
static bool look_up(const char *command, char *path, size_t size)
{
    const char *list = getenv("PATH");

    if (strchr(command, '/') != NULL)
        return snprintf(path, size, "%s", command) < (int)size;
    if (list == NULL)
        list = "/bin:/usr/bin";
    for (const char *end; list != NULL; list = end != NULL ? end + 1 : NULL) {
        struct stat status;
        end = strchr(list, ':');
        int length = end != NULL ? (int)(end - list) : (int)strlen(list);
        snprintf(path, size, "%.*s%s%s", length, list, length > 0 ? "/" : "", command);
        if (access(path, X_OK) == 0 && stat(path, &status) == 0 && S_ISREG(status.st_mode))
            return true;
    }
    path[0] = '\0';
    return false;
}

/* True when `line` begins with #!; then `path` becomes the interpreter. */
static bool follow_script(const char *line, char *path, size_t size)
{
    if (strncmp(line, "#!", 2) != 0)
        return false;
    line += 2 + strspn(line + 2, " \t");
    snprintf(path, size, "%.*s", (int)strcspn(line, " \t\r\n"), line);
    return true;
}

/* PT_INTERP's text is copied to `loader`, "" when there is none. */
static void read_loader(int fd, const Elf64_Ehdr *header, char *loader, size_t size)
{
    loader[0] = '\0';
    for (unsigned i = 0; i < header->e_phnum && i < HEADERS_MAX; i++) {
        Elf64_Phdr segment;
        off_t at = (off_t)(header->e_phoff + i * sizeof(segment));
        if (pread(fd, &segment, sizeof(segment), at) != (ssize_t)sizeof(segment))
            return;
        if (segment.p_type != PT_INTERP)
            continue;
        ssize_t got = pread(fd, loader, size - 1, (off_t)segment.p_offset);
        loader[got > 0 ? got : 0] = '\0';
        /* A loader whose name cannot be read is one all the same. */
        if (got <= 0)
            snprintf(loader, size, "?");
        return;
    }
}

static bool is_privileged(int fd)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        return false;
    return ((status.st_mode & S_ISUID) && status.st_uid != geteuid()) ||
           ((status.st_mode & S_ISGID) && status.st_gid != getegid()) ||
           (fgetxattr(fd, "security.capability", NULL, 0) > 0 && geteuid() != 0);
}

static enum target_kind judge_elf(int fd, const Elf64_Ehdr *header, bool *loader_missing)
{
    char loader[256];

    /* The analyzer was built for the machine the library was built for. */
#if defined(__x86_64__)
    const unsigned machine = EM_X86_64;
#elif defined(__aarch64__)
    const unsigned machine = EM_AARCH64;
#else
    const unsigned machine = header->e_machine;
#endif
    if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_machine != machine)
        return TARGET_FOREIGN;
    read_loader(fd, header, loader, sizeof(loader));
    if (loader[0] == '\0')
        return TARGET_STATIC;
    *loader_missing = access(loader, F_OK) != 0;
    if (strstr(loader, "ld-musl") != NULL)
        return TARGET_MUSL;
    return is_privileged(fd) ? TARGET_PRIVILEGED : TARGET_ORDINARY;
}

/* The address sanitizer's runtime among what the program is linked with: it insists on
 * being loaded first. */
static void find_sanitizer(int fd, struct target *target)
{
    Elf *elf = elf_version(EV_CURRENT) != EV_NONE ? elf_begin(fd, ELF_C_READ, NULL) : NULL;
    Elf_Scn *section = NULL;
    GElf_Shdr header;
    GElf_Dyn entry;

    while (elf != NULL && (section = elf_nextscn(elf, section)) != NULL) {
        Elf_Data *data = NULL;
        if (gelf_getshdr(section, &header) == NULL || header.sh_type != SHT_DYNAMIC)
            continue;
        data = elf_getdata(section, NULL);
        for (int i = 0; data != NULL && gelf_getdyn(data, i, &entry) != NULL; i++) {
            const char *name =
                entry.d_tag == DT_NEEDED ? elf_strptr(elf, header.sh_link, entry.d_un.d_val) : NULL;
            if (name != NULL && strncmp(name, "libasan.so", strlen("libasan.so")) == 0)
                snprintf(target->first_library, sizeof(target->first_library), "%s", name);
        }
    }
    elf_end(elf);
}

/* Judges the file at target->path. True when it is a script, whose interpreter
 * is then in target->path. */
static bool judge_file(struct target *target)
{
    union {
        char text[sizeof(target->path)];
        Elf64_Ehdr header;
    } start;
    int fd = open(target->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return false;
    ssize_t size = read(fd, &start, sizeof(start) - 1);
    start.text[size > 0 ? size : 0] = '\0';
    bool is_script = follow_script(start.text, target->path, sizeof(target->path));
    if (size >= (ssize_t)sizeof(start.header) && memcmp(start.header.e_ident, ELFMAG, SELFMAG) == 0)
        target->kind = judge_elf(fd, &start.header, &target->loader_missing);
    if (target->kind == TARGET_ORDINARY && !is_script)
        find_sanitizer(fd, target);
    close(fd);
    return is_script;
}

void target_examine(struct target *target, const char *command)
{
    target->kind = TARGET_ORDINARY;
    target->first_library[0] = '\0';
    target->loader_missing = false;
    if (!look_up(command, target->path, sizeof(target->path)))
        return;
    for (int depth = 0; depth < SCRIPT_DEPTH && judge_file(target); depth++)
        continue;
}

bool target_may_start(const struct target *target)
{
    return !target->loader_missing && access(target->path, X_OK) == 0;
}

int target_way_out(const struct target *target, const char *command, int reason, char *text,
                   size_t size)
{
    struct stat status;
    bool is_there = strchr(command, '/') == NULL || access(command, F_OK) == 0;

    text[0] = '\0';
    if (reason == ENOENT && target->path[0] == '\0')
        return snprintf(text, size, ": it is in no directory of PATH");
    /* What was found last is the interpreter of a script, or of a program. */
    if (reason == ENOENT && is_there && access(target->path, F_OK) != 0)
        return snprintf(text, size, ": its interpreter '%s' is missing", target->path);
    if (reason == ENOENT && is_there)
        return snprintf(text, size, ": its dynamic loader is missing");
    if (reason == EACCES && stat(command, &status) == 0 && S_ISREG(status.st_mode) &&
        (status.st_mode & 0111) == 0)
        return snprintf(text, size, ": make it executable: chmod +x");
    return 0;
}

const char *target_reason(enum target_kind kind)
{
    switch (kind) {
    case TARGET_STATIC:
        return "is statically linked: no library can be injected into it, so there is no profile; "
               "link it dynamically";
    case TARGET_PRIVILEGED:
        return "is setuid, setgid or has capabilities: the loader injects nothing into it; run "
               "record as the user it changes to, or, for capabilities, as root";
    case TARGET_FOREIGN:
        return "is for another machine or word size: this library cannot be injected into it; "
               "profile a 64-bit build for this machine";
    case TARGET_MUSL:
        return "uses musl: this library needs glibc and cannot be injected into it; build it "
               "with glibc";
    default:
        return NULL;
    }
}

bool target_must_be_spared(enum target_kind kind)
{
    return kind == TARGET_FOREIGN || kind == TARGET_MUSL;
}
