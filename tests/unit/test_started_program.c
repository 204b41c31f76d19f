/* Programs a library of ours would do harm in, by files of the test's own making. */
#include "preload/started_program.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

TestSuite(started_program, .init = scratch_init, .fini = scratch_release);

static void put(const char *name, const void *bytes, size_t size)
{
    FILE *file = fopen(name, "w");
    cr_assert(file && fwrite(bytes, 1, size, file) == size);
    fclose(file);
}

/* A 64-bit program with that loader, NULL: static. */
static void put_program(const char *name, unsigned machine, const char *loader)
{
    struct {
        Elf64_Ehdr header;
        Elf64_Phdr segments[2];
        char text[64];
    } file;
    memset(&file, 0, sizeof(file));
    memcpy(file.header.e_ident, ELFMAG, SELFMAG);
    file.header.e_ident[EI_CLASS] = ELFCLASS64;
    file.header.e_machine = (Elf64_Half)machine;
    file.header.e_phoff = sizeof(file.header);
    file.header.e_phnum = 2;
    file.segments[0].p_type = PT_PHDR;
    file.segments[1].p_type = loader ? PT_INTERP : PT_LOAD;
    file.segments[1].p_offset = sizeof(file) - sizeof(file.text);
    file.segments[1].p_filesz = loader ? strlen(loader) + 1 : 0;
    strcpy(file.text, loader ? loader : "");
    put(name, &file, sizeof(file));
}

static bool takes(const char *name)
{
    char path[64];
    snprintf(path, sizeof(path), "./%s", name);
    errno = 0;
    bool by_name = started_program_takes_us(AT_FDCWD, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    cr_assert_eq(started_program_takes_us_by_fd(fd), by_name);
    close(fd);
    return by_name;
}

Test(started_program, by_its_class_and_its_loader)
{
    static char wide[1024] = ELFMAG;
    wide[EI_CLASS] = ELFCLASS32;
    put("narrow", wide, sizeof(wide));
    put_program("ours", EM_X86_64, "/lib64/ld-linux-x86-64.so.2");
    put_program("musl", EM_X86_64, "/lib/ld-musl-x86_64.so.1");
    put_program("static", EM_X86_64, NULL);
    put_program("other", EM_AARCH64, "/lib/ld-linux-aarch64.so.1");
    cr_assert_not(takes("narrow"));
    cr_assert(takes("ours"));
    cr_assert_not(takes("musl"));
    cr_assert(takes("static"));
    cr_assert_not(takes("other"));
    cr_assert(started_program_takes_us(AT_FDCWD, "/bin/true"));
}

/* Of those that start programs only some look for names along PATH. */
Test(started_program, by_its_name_alone_it_lies_here)
{
    put_program("musl", EM_X86_64, "/lib/ld-musl-x86_64.so.1");
    cr_assert_not(started_program_takes_us(AT_FDCWD, "musl"));
    cr_assert(started_program_takes_us_by_name("musl"), "along PATH");
    cr_assert_not(started_program_takes_us_by_name("./musl"));
    cr_assert(started_program_takes_us_by_name(NULL));
}

Test(started_program, by_a_descriptor_and_nothing)
{
    put_program("musl", EM_X86_64, "/lib/ld-musl-x86_64.so.1");
    int fd = open("musl", O_PATH | O_CLOEXEC);
    cr_assert(started_program_takes_us(fd, ""), "not to be read");
    close(fd);
    fd = open("musl", O_RDONLY | O_CLOEXEC);
    cr_assert_not(started_program_takes_us(fd, ""), "AT_EMPTY_PATH");
    close(fd);
}

Test(started_program, a_script_by_what_runs_it)
{
    char line[512], directory[256];
    put_program("musl", EM_X86_64, "/lib/ld-musl-x86_64.so.1");
    cr_assert(getcwd(directory, sizeof(directory)));
    snprintf(line, sizeof(line), "#! %s/musl -x\necho\n", directory);
    put("script", line, strlen(line));
    cr_assert_not(takes("script"));
    put("shell", "#!/bin/sh\n", 10);
    cr_assert(takes("shell"));
    snprintf(line, sizeof(line), "#!%s/itself", directory);
    put("itself", line, strlen(line));
    cr_assert(takes("itself"), "and it comes to an end");
}

Test(started_program, what_is_not_known_is_no_obstacle)
{
    put("empty", "", 0);
    put("short", "#!", 2);
    put("torn", ELFMAG "\2", 5);
    cr_assert(takes("empty") && takes("short") && takes("torn"));
    errno = 7;
    cr_assert(started_program_takes_us(AT_FDCWD, "/nonexistent/x"));
    cr_assert(started_program_takes_us(AT_FDCWD, "absent"));
    cr_assert(started_program_takes_us(AT_FDCWD, NULL));
    cr_assert(started_program_takes_us_by_fd(-1));
    cr_assert_eq(errno, 7);
}
