/*
 * Operators new and delete in a plugin of a program without a C++ library: counts what it
 * allocates, as alloc_cxx does, and what is too much is still std::bad_alloc.
 */
#include <cstdio>
#include <cstdlib>
#include <malloc.h>
#include <new>
#include <unistd.h>

struct alignas(128) Aligned {
    char bytes[300];
};

static int tid, all_caught;
static unsigned long long alloc_count, alloc_bytes, free_count, free_bytes;

static void *made(void *block)
{
    alloc_count++;
    alloc_bytes += malloc_usable_size(block);
    return block;
}

static void *going(void *block)
{
    free_count++;
    free_bytes += malloc_usable_size(block);
    return block;
}

extern "C" int plugin_allocate(int rounds, int too_much)
{
    volatile size_t huge = size_t(1) << 62;
    int caught = 0;
    for (int i = 0; i < rounds; i++) {
        void *plain = made(::operator new(static_cast<size_t>(i % 3000)));
        auto *array = static_cast<char *>(made(new char[100]));
        auto *aligned = static_cast<Aligned *>(made(new Aligned));
        ::operator delete(going(plain));
        delete[] static_cast<char *>(going(array));
        delete static_cast<Aligned *>(going(aligned));
    }
    for (int i = 0; i < too_much; i++) {
        try {
            ::operator delete(::operator new(huge));
        } catch (const std::bad_alloc &) {
            caught++;
        }
        caught += ::operator new(huge, std::nothrow) == nullptr;
    }
    tid = gettid();
    all_caught = caught;
    return 0;
}

/* By another thread: it allocates. */
extern "C" void plugin_say(int counts)
{
    fprintf(stderr, "caught %d\n", all_caught);
    if (counts)
        printf("{\"threads\":[{\"tid\":%d,\"name\":\"operators\",\"alloc_count\":%llu,"
               "\"alloc_bytes\":%llu,\"free_count\":%llu,\"free_bytes\":%llu}]}\n",
               tid, alloc_count, alloc_bytes, free_count, free_bytes);
}
