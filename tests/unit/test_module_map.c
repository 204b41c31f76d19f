/* The module list against readelf, nm, the loader, and a library that comes and goes. */
#include "preload/contract/module_map.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <link.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct module_map map;

static void start(void)
{
    cr_assert_eq(module_map_init(&map), 0);
    cr_assert_eq(module_map_scan(&map, 0, 1, 1000), 0);
}

static void stop(void)
{
    module_map_release(&map);
}

/* The module that holds `address`, or NULL. */
static const struct module *module_at(uint64_t address)
{
    for (uint32_t i = 0; i < map.count; i++) {
        const struct module *module = &map.modules[i];
        if (!module->unloaded_ns && address >= module->start && address < module->end)
            return module;
    }
    return NULL;
}

/* Runs `format` with `path` and reads the first line that `pattern` matches. */
static bool ask(const char *format, const char *path, const char *pattern, void *value)
{
    char command[PATH_MAX + 128], line[512];
    bool found = false;

    snprintf(command, sizeof(command), format, path);
    FILE *in = popen(command, "r"); /* NOLINT(cert-env33-c) */
    cr_assert(in);
    while (fgets(line, sizeof(line), in))
        found = found || sscanf(line, pattern, value) == 1;
    pclose(in);
    return found;
}

static void check_build_id(const struct module *module)
{
    char expected[128], ours[128] = "";

    if (!ask("LC_ALL=C readelf -n '%s' 2>/dev/null", module->path, " Build ID: %127s", expected))
        expected[0] = '\0';
    for (uint32_t i = 0; i < module->build_id_size; i++)
        snprintf(ours + (size_t)2 * i, 3, "%02x", module->build_id[i]);
    cr_assert_str_eq(ours, expected, "%s", module->path);
}

TestSuite(module_map, .init = start, .fini = stop);

Test(module_map, this_program_libc_and_the_vdso_are_there)
{
    char exe[PATH_MAX] = "";
    const struct module *own = module_at((uint64_t)&module_at);
    const struct module *libc = module_at((uint64_t)dlsym(RTLD_DEFAULT, "gnu_get_libc_version"));
    const struct module *vdso = module_at(getauxval(AT_SYSINFO_EHDR));

    cr_assert(readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0);
    cr_assert(own && libc && vdso);
    cr_assert_str_eq(own->path, exe);
    cr_assert(strstr(libc->path, "libc.so.6"));
    cr_assert_str_eq(vdso->path, "[vdso]");
    cr_assert_gt(vdso->build_id_size, 0);
    for (uint32_t i = 0; i < map.count; i++) {
        cr_assert_eq(map.modules[i].generation, 1);
        cr_assert_eq(map.modules[i].loaded_ns, 1000);
        cr_assert_eq(map.modules[i].unloaded_ns, 0);
    }
}

static int check_loaded(struct dl_phdr_info *info, size_t size, void *data)
{
    (void)size;
    (void)data;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X))
            continue;
        uint64_t at = info->dlpi_addr + segment->p_vaddr;
        const struct module *module = module_at(at);
        cr_assert(module, "%s", info->dlpi_name);
        cr_assert_eq(module->bias, info->dlpi_addr, "%s", info->dlpi_name);
        cr_assert_eq(module_at(at + segment->p_memsz - 1), module);
        cr_assert(module_map_covers(&map, at));
    }
    return 0;
}

Test(module_map, the_loader_says_the_same)
{
    dl_iterate_phdr(check_loaded, NULL);
}

/* Refuses reading at the addresses of memory, which are above those of any file. */
static bool forbid_memory(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pread64, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[3]) + 4),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog filter = {.len = sizeof(code) / sizeof(code[0]), .filter = code};

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

Test(module_map, where_memory_may_not_be_read_files_say_the_same)
{
    struct module_map other;
    unsigned checked = 0;

    cr_assert_eq(module_map_init(&other), 0);
    if (!forbid_memory())
        cr_skip("seccomp filters are not possible here");
    cr_assert_eq(module_map_scan(&other, 0, 1, 1000), 0);
    for (uint32_t i = 0; i < other.count && i < map.count; i++) {
        const struct module *module = &other.modules[i], *known = &map.modules[i];
        cr_assert_str_eq(module->path, known->path);
        cr_assert_eq(module->bias, known->bias, "%s", module->path);
        if (module->path[0] != '/')
            continue;
        cr_assert_eq(module->build_id_size, known->build_id_size, "%s", module->path);
        cr_assert_arr_eq(module->build_id, known->build_id, known->build_id_size);
        checked += module->build_id_size > 0;
    }
    cr_assert_gt(checked, 2);
    module_map_release(&other);
}

Test(module_map, build_ids_are_those_of_the_files)
{
    unsigned checked = 0;

    for (uint32_t i = 0; i < map.count; i++)
        if (map.modules[i].path[0] == '/') {
            check_build_id(&map.modules[i]);
            checked += map.modules[i].build_id_size > 0;
        }
    cr_assert_gt(checked, 1);
}

Test(module_map, addresses_less_the_bias_are_those_of_nm)
{
    uint64_t value = 0;
    const struct module *own = module_at((uint64_t)&module_at);
    const uint64_t function = (uint64_t)dlsym(RTLD_DEFAULT, "gnu_get_libc_version");
    const struct module *libc = module_at(function);

    cr_assert(ask("nm '%s' | grep ' T module_map_scan$'", own->path, "%" SCNx64, &value));
    cr_assert_eq((uint64_t)&module_map_scan - own->bias, value);
    cr_assert(ask("nm -D '%s' | grep ' gnu_get_libc_version@'", libc->path, "%" SCNx64, &value));
    cr_assert_eq(function - libc->bias, value);
}

Test(module_map, a_library_that_comes_and_goes)
{
    const char *name = "libunwind.so.8";
    void *library = dlopen(name, RTLD_NOLOAD | RTLD_NOW) ? NULL : dlopen(name, RTLD_NOW);

    if (!library)
        cr_skip_test("%s is not here, or here already", name);
    uint64_t at = (uint64_t)dlsym(library, "_ULx86_64_get_proc_name");
    cr_assert_null(module_at(at));
    cr_assert_eq(module_map_scan(&map, 0, 1, 2000), 0);
    struct module *module = (struct module *)module_at(at);
    cr_assert(module && strstr(module->path, "libunwind"));
    cr_assert_eq(module->loaded_ns, 2000);
    dlclose(library);
    if (dlopen(name, RTLD_NOLOAD | RTLD_NOW))
        cr_skip_test("%s does not go away", name);
    cr_assert(module_map_covers(&map, at), "until the next look");
    cr_assert_eq(module_map_scan(&map, 0, 2, 3000), 0);
    cr_assert_not(module_map_covers(&map, at));
    cr_assert_eq(module->unloaded_ns, 3000);
    cr_assert_eq(module->gone, 2);
    uint32_t count = map.count;
    cr_assert(dlopen(name, RTLD_NOW));
    cr_assert_eq(module_map_scan(&map, 0, 3, 4000), 0);
    cr_assert_gt(map.count, count, "a module of its own");
    cr_assert_eq(map.modules[map.count - 1].generation, 3);
    cr_assert_eq(module->unloaded_ns, 3000, "the former one stays as it was");
}

/* Upgrades remove files that are in use. */
Test(module_map, a_library_whose_file_is_removed_stays_what_it_is)
{
    void *library = dlopen("libunwind.so.8", RTLD_NOW);
    char copy[] = "/tmp/module_map.XXXXXX", command[PATH_MAX + 64];
    struct link_map *loaded;

    if (!library)
        cr_skip_test("libunwind.so.8 is not here");
    cr_assert_eq(dlinfo(library, RTLD_DI_LINKMAP, &loaded), 0);
    close(mkstemp(copy));
    snprintf(command, sizeof(command), "cp '%s' %s", loaded->l_name, copy);
    cr_assert_eq(system(command), 0); /* NOLINT(cert-env33-c) */
    uint64_t at = (uint64_t)dlsym(dlopen(copy, RTLD_NOW), "_ULx86_64_get_proc_name");
    cr_assert_eq(module_map_scan(&map, 0, 1, 2000), 0);
    uint32_t count = map.count;
    unlink(copy);
    cr_assert_eq(module_map_scan(&map, 0, 1, 3000), 0);
    cr_assert_eq(map.count, count);
    cr_assert(module_at(at));
    cr_assert_str_eq(module_at(at)->path, copy);
}

/* As lld lays out small files: code on a page of its own that is the file's first. */
Test(module_map, code_that_begins_in_the_files_first_page)
{
    FILE *file = tmpfile();
    const size_t page = 4096;
    const Elf64_Ehdr header = {.e_ident = ELFMAG,
                               .e_phoff = sizeof(header),
                               .e_phentsize = sizeof(Elf64_Phdr),
                               .e_phnum = 2};
    const Elf64_Phdr segments[] = {
        {.p_type = PT_LOAD, .p_flags = PF_R, .p_memsz = 0x5c0},
        {.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_offset = 0x5c0, .p_vaddr = 0x15c0}};

    cr_assert(file && fwrite(&header, sizeof(header), 1, file) == 1);
    cr_assert(fwrite(segments, sizeof(segments), 1, file) == 1 && fflush(file) == 0);
    cr_assert_eq(ftruncate(fileno(file), (off_t)page), 0);
    char *at = mmap(NULL, 2 * page, PROT_READ, MAP_PRIVATE, fileno(file), 0);
    cr_assert_eq(
        mmap(at + page, page, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fileno(file), 0),
        at + page);
    cr_assert_eq(module_map_scan(&map, 0, 1, 2000), 0);
    const struct module *module = module_at((uint64_t)at + page);
    cr_assert(module);
    cr_assert_eq(module->start, (uint64_t)at);
    cr_assert_eq(module->bias, (uint64_t)at);
    fclose(file);
}

/* As node does with its built-in functions, to be near code that it makes. */
Test(module_map, code_mapped_once_more_far_away_is_a_module_of_its_own)
{
    const uint64_t here = (uint64_t)&module_map_scan & ~4095ull;
    const struct module *program = module_at(here);
    const uint64_t end = program->end, bias = program->bias;
    int fd = open("/proc/self/exe", O_RDONLY);
    uint64_t value = 0;

    cr_assert(ask("nm '%s' | grep -w module_map_scan", program->path, "%" SCNx64, &value));
    cr_assert_eq(value, (uint64_t)&module_map_scan - bias);
    uint64_t offset = here - program->start; /* its first segments are at their offsets */
    uint8_t *far = mmap((void *)(end + (1ull << 40)), 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd,
                        (off_t)offset);
    cr_assert_neq(far, MAP_FAILED);
    cr_assert_eq(memcmp(far, (void *)here, 4096), 0);
    cr_assert_eq(module_map_scan(&map, 0, 1, 2000), 0);
    cr_assert_eq(module_at(here)->end, end, "what lies in between is not the program's");
    const struct module *again = module_at((uint64_t)far);
    cr_assert_not_null(again);
    cr_assert_eq(again->start, (uint64_t)far);
    cr_assert_eq((uint64_t)&module_map_scan - here + (uint64_t)far - again->bias, value);
    cr_assert_null(module_at((uint64_t)far - 4096));
    munmap(far, 4096);
    close(fd);
}

Test(module_map, looking_again_changes_nothing)
{
    uint32_t count = map.count;

    for (int i = 0; i < 20; i++)
        cr_assert_eq(module_map_scan(&map, 0, 5, 5000), 0);
    cr_assert_eq(map.count, count);
    for (uint32_t i = 0; i < count; i++)
        cr_assert_eq(map.modules[i].generation, 1);
}

Test(module_map, what_lies_outside_is_not_covered)
{
    char local;
    void *heap = malloc(16);

    cr_assert(module_map_covers(&map, (uint64_t)&start));
    cr_assert_not(module_map_covers(&map, 0));
    cr_assert_not(module_map_covers(&map, (uint64_t)&local));
    cr_assert_not(module_map_covers(&map, (uint64_t)heap));
    cr_assert_not(module_map_covers(&map, UINT64_MAX));
    free(heap);
}

Test(module_map, another_process)
{
    struct module_map other;
    int ready[2];
    char byte;

    cr_assert_eq(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ready[1], STDOUT_FILENO);
        execl("/bin/sh", "sh", "-c", "echo; kill -STOP $$", (char *)NULL);
        _exit(127);
    }
    close(ready[1]);
    cr_assert_eq(read(ready[0], &byte, 1), 1);
    cr_assert_eq(module_map_init(&other), 0);
    cr_assert_eq(module_map_scan(&other, child, 1, 1), 0);
    cr_assert_gt(other.count, 2);
    cr_assert(other.modules[0].path[0] == '/' && other.modules[0].build_id_size > 0);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    uint32_t count = other.count;
    cr_assert_eq(module_map_scan(&other, child, 2, 2), -ENOENT, "it is gone");
    cr_assert(other.count == count && !other.modules[0].unloaded_ns, "as before");
    module_map_release(&other);
}
