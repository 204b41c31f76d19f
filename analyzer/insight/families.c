/* Names of functions everybody calls. Their own file because rules and judgement know the same. */
#include "analyzer/insight/families.h"

#include <string.h>

static bool begins_with_any(const char *name, const char *const *prefixes)
{
    for (; *prefixes != NULL; prefixes++)
        if (strncmp(name, *prefixes, strlen(*prefixes)) == 0)
            return true;
    return false;
}

/* "__memmove_avx_unaligned_erms" is memmove; but not "memory_pool_get". Variants for processors are
 * called after the function. */
static bool is_variant(const char *name, const char *of)
{
    static const char *const marks[] = {"_avx", "_sse", "_evex", "_erms", "_generic", "_ssse"};
    size_t length = strlen(of);

    if (strncmp(name, of, length) != 0)
        return false;
    name += length;
    if (*name == '\0' || *name == '@' || strncmp(name, "_chk", 4) == 0)
        return true;
    for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
        if (strstr(name, marks[i]) != NULL)
            return true;
    return false;
}

static bool is_any(const char *name, const char *const *names)
{
    name += strspn(name, "_");
    for (; *names != NULL; names++)
        if (is_variant(name, *names))
            return true;
    return false;
}

bool family_moves(const char *name)
{
    static const char *const names[] = {"memcpy",  "memmove", "memset", "mempcpy",
                                        "wmemset", "wmemcpy", NULL};

    return is_any(name, names);
}

bool family_copies(const char *name)
{
    static const char *const names[] = {"memcmp",     "memchr", "memrchr", "rawmemchr", "strlen",
                                        "strnlen",    "strcmp", "strncmp", "strcpy",    "strncpy",
                                        "stpcpy",     "strchr", "strrchr", "strcat",    "strstr",
                                        "strcasecmp", "wcslen", NULL};

    return family_moves(name) || is_any(name, names);
}

bool family_allocates(const char *name)
{
    static const char *const whole[] = {"malloc",         "free",          "cfree",     "calloc",
                                        "realloc",        "memalign",      "sysmalloc", "systrim",
                                        "posix_memalign", "aligned_alloc", NULL};
    static const char *const prefixes[] = {"operator new",
                                           "operator delete",
                                           "__libc_malloc",
                                           "__libc_free",
                                           "__libc_calloc",
                                           "__libc_realloc",
                                           "malloc_consolidate",
                                           "unlink_chunk",
                                           "_int_malloc",
                                           "_int_free",
                                           "_int_realloc",
                                           "_int_memalign",
                                           "je_malloc",
                                           "je_free",
                                           "tc_malloc",
                                           "tc_free",
                                           "mi_malloc",
                                           "mi_free",
                                           "arena_get2",
                                           "tcache_",
                                           NULL};

    for (size_t i = 0; whole[i] != NULL; i++)
        if (strcmp(name, whole[i]) == 0)
            return true;
    return begins_with_any(name, prefixes);
}

bool family_drives_cards(const char *module)
{
    static const char *const drivers[] = {"libcuda",   "libnvidia", "libnvrtc",  "libcublas",
                                          "libamdhip", "libhsa-",   "libOpenCL", "libze_",
                                          "libvulkan", NULL};
    const char *slash = module != NULL ? strrchr(module, '/') : NULL;

    return slash != NULL && begins_with_any(slash + 1, drivers);
}
