/* Executables are judged by their files, made here byte by byte. */
#include "analyzer/record/target.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>
#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static struct target target;

TestSuite(target, .init = scratch_init, .fini = scratch_release);

/* An ELF file of nothing but headers; `loader` NULL: no PT_INTERP. */
static void make_elf(const char *name, unsigned char class, unsigned machine, const char *loader)
{
    struct {
        Elf64_Ehdr header;
        Elf64_Phdr segments[2];
        char loader[64];
    } file = {0};
    FILE *out = fopen(name, "w");

    memcpy(file.header.e_ident, ELFMAG, SELFMAG);
    file.header.e_ident[EI_CLASS] = class;
    file.header.e_machine = (Elf64_Half)machine;
    file.header.e_phoff = sizeof(file.header);
    file.header.e_phnum = 2;
    file.segments[0].p_type = PT_LOAD;
    if (loader != NULL) {
        file.segments[1].p_type = PT_INTERP;
        file.segments[1].p_offset = sizeof(file) - sizeof(file.loader);
        snprintf(file.loader, sizeof(file.loader), "%s", loader);
    }
    cr_assert_eq(fwrite(&file, sizeof(file), 1, out), 1);
    fclose(out);
    chmod(name, 0755);
}

static enum target_kind judge(const char *command)
{
    target_examine(&target, command);
    return target.kind;
}

Test(target, ordinary_programs)
{
    cr_assert_eq(judge("sh"), TARGET_ORDINARY);
    cr_assert_not_null(strstr(target.path, "/sh"));
    cr_assert_eq(judge("/bin/sh"), TARGET_ORDINARY);
    cr_assert_eq(judge("no such command"), TARGET_ORDINARY);
    cr_assert_str_eq(target.path, "");
    cr_assert_null(target_reason(TARGET_ORDINARY));
}

#ifdef __x86_64__
Test(target, programs_that_cannot_be_profiled)
{
    make_elf("static", ELFCLASS64, EM_X86_64, NULL);
    make_elf("dynamic", ELFCLASS64, EM_X86_64, "/lib64/ld-linux-x86-64.so.2");
    make_elf("musl", ELFCLASS64, EM_X86_64, "/lib/ld-musl-x86_64.so.1");
    make_elf("arm", ELFCLASS64, EM_AARCH64, "/lib/ld-linux-aarch64.so.1");
    make_elf("old", ELFCLASS32, EM_386, "/lib/ld-linux.so.2");
    cr_assert_eq(judge("./static"), TARGET_STATIC);
    cr_assert_eq(judge("./dynamic"), TARGET_ORDINARY);
    cr_assert_eq(judge("./musl"), TARGET_MUSL);
    cr_assert_eq(judge("./arm"), TARGET_FOREIGN);
    cr_assert_eq(judge("./old"), TARGET_FOREIGN);
    cr_assert_not(target_must_be_spared(TARGET_STATIC));
    cr_assert(target_must_be_spared(TARGET_MUSL));
    cr_assert(target_must_be_spared(TARGET_FOREIGN));
}

Test(target, programs_exec_will_refuse)
{
    make_elf("static", ELFCLASS64, EM_X86_64, NULL);
    make_elf("dynamic", ELFCLASS64, EM_X86_64, "/lib64/ld-linux-x86-64.so.2");
    make_elf("lonely", ELFCLASS64, EM_X86_64, "/nowhere/ld-musl-x86_64.so.1");
    judge("./dynamic");
    cr_assert(target_may_start(&target));
    cr_assert_eq(judge("./lonely"), TARGET_MUSL);
    cr_assert_not(target_may_start(&target), "its loader is missing");
    judge("./static");
    cr_assert(target_may_start(&target));
    chmod("static", 0644);
    judge("./static");
    cr_assert_not(target_may_start(&target), "it is not executable");
}

Test(target, programs_that_change_user)
{
    make_elf("suid", ELFCLASS64, EM_X86_64, "/lib64/ld-linux-x86-64.so.2");
    chmod("suid", 04755);
    cr_assert_eq(judge("./suid"), TARGET_ORDINARY, "to the user that runs it");
    if (chown("suid", 12345, (gid_t)-1) != 0)
        cr_skip("needs root");
    chmod("suid", 04755);
    cr_assert_eq(judge("./suid"), TARGET_PRIVILEGED);
}

Test(target, scripts_are_what_their_interpreter_is)
{
    char line[256];
    char *here = getcwd(NULL, 0);

    make_elf("static", ELFCLASS64, EM_X86_64, NULL);
    snprintf(line, sizeof(line), "#! %s/static -x\necho\n", here);
    scratch_write("inner", line);
    snprintf(line, sizeof(line), "#!%s/inner\n", here);
    scratch_write("outer", line);
    cr_assert_eq(judge("./outer"), TARGET_STATIC);
    cr_assert_not_null(strstr(target.path, "/static"));
    scratch_write("plain", "#!/bin/sh\n");
    cr_assert_eq(judge("./plain"), TARGET_ORDINARY);
    scratch_write("loop", "#!./loop\n");
    cr_assert_eq(judge("./loop"), TARGET_ORDINARY);
    free(here);
}
#endif

Test(target, commands_are_found_along_the_path)
{
    mkdir("first", 0755);
    mkdir("second", 0755);
    make_elf("second/tool", ELFCLASS64, EM_X86_64, NULL);
    scratch_write("first/tool", "not executable");
    setenv("PATH", "missing:first:second", 1);
    judge("tool");
    cr_assert_str_eq(target.path, "second/tool");
}

Test(target, files_of_any_kind_are_survived)
{
    scratch_write("empty", "");
    scratch_write("short", "\177ELF");
    scratch_write("script", "#!");
    cr_assert_eq(judge("./empty"), TARGET_ORDINARY);
    cr_assert_eq(judge("./short"), TARGET_ORDINARY);
    cr_assert_eq(judge("./script"), TARGET_ORDINARY);
    cr_assert_eq(judge("/"), TARGET_ORDINARY);
    mkfifo("fifo", 0755);
    cr_assert_eq(judge("./fifo"), TARGET_ORDINARY);
}

static const char *way_out(const char *command, int reason)
{
    static char text[512];

    target_examine(&target, command);
    target_way_out(&target, command, reason, text, sizeof(text));
    return text;
}

Test(target, what_cannot_be_run_has_a_way_out)
{
    scratch_write("plain", "text");
    scratch_write("script", "#!/no/such/interpreter\n");
    chmod("plain", 0644);
    cr_assert_str_eq(way_out("./plain", EACCES), ": make it executable: chmod +x");
    cr_assert_str_eq(way_out("/", EACCES), "");
    cr_assert_str_eq(way_out("no-such-command", ENOENT), ": it is in no directory of PATH");
    cr_assert_str_eq(way_out("./script", ENOENT),
                     ": its interpreter '/no/such/interpreter' is missing");
    cr_assert_str_eq(way_out("./missing", ENOENT), "");
    cr_assert_str_eq(way_out("./plain", ENOEXEC), "");
}
