/*
 * Known answer for memory in C++: as alloc_exact.c, through every form of operator
 * new and delete. Bytes are usable sizes.
 *
 *     alloc_cxx [ROUNDS]
 */
#include <cstdio>
#include <cstdlib>
#include <malloc.h>
#include <new>
#include <pthread.h>
#include <unistd.h>

struct Counts {
    unsigned long long alloc_count, alloc_bytes, free_count, free_bytes;
};

struct Plain {
    long numbers[5];
};

struct alignas(128) Aligned {
    char bytes[300];
};

static int rounds = 1000;
static int worker_tid;
static Counts counts;

template <typename T> static T *made(T *block)
{
    if (!block)
        abort();
    counts.alloc_count++;
    counts.alloc_bytes += malloc_usable_size(block);
    return block;
}

static void going(void *block)
{
    counts.free_count++;
    counts.free_bytes += malloc_usable_size(block);
}

static void one_round(size_t size)
{
    Plain *plain = made(new Plain());
    char *array = made(new char[size]);
    Aligned *aligned = made(new Aligned());
    Aligned *aligned_array = made(new Aligned[3]);
    Plain *nothrow = made(new (std::nothrow) Plain());
    char *nothrow_array = made(new (std::nothrow) char[size * 2]);
    void *raw = made(static_cast<void *>(::operator new(size)));
    const std::align_val_t page{4096};
    void *quiet = made(::operator new(size, std::nothrow));
    void *quiet_array = made(::operator new[](size, std::nothrow));
    void *aligned_quiet = made(::operator new(size, page, std::nothrow));
    void *aligned_quiet_array = made(::operator new[](size, page, std::nothrow));
    void *sized = made(::operator new(size)), *sized_array = made(::operator new[](size));
    void *unsized = made(::operator new(size, page)),
         *unsized_array = made(::operator new[](size, page));
    void *both = made(::operator new(size, page)), *both_array = made(::operator new[](size, page));

    going(plain), delete plain;
    going(array), delete[] array;
    going(aligned), delete aligned;
    going(aligned_array), delete[] aligned_array;
    going(nothrow), delete nothrow;
    going(nothrow_array), delete[] nothrow_array;
    going(raw), ::operator delete(raw);
    going(quiet), ::operator delete(quiet, std::nothrow);
    going(quiet_array), ::operator delete[](quiet_array, std::nothrow);
    going(aligned_quiet), ::operator delete(aligned_quiet, page, std::nothrow);
    going(aligned_quiet_array), ::operator delete[](aligned_quiet_array, page, std::nothrow);
    going(sized), ::operator delete(sized, size);
    going(sized_array), ::operator delete[](sized_array, size);
    going(unsized), ::operator delete(unsized, page);
    going(unsized_array), ::operator delete[](unsized_array, page);
    going(both), ::operator delete(both, size, page);
    going(both_array), ::operator delete[](both_array, size, page);
    ::operator delete(nullptr);
    ::operator delete[](nullptr, size);
}

static void *run(void *)
{
    pthread_setname_np(pthread_self(), "cxx");
    worker_tid = gettid();
    for (int i = 0; i < rounds; i++)
        one_round(16 + static_cast<size_t>(i) * 53 % 3000);
    return nullptr;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        rounds = atoi(argv[1]);
    pthread_t thread;
    if (pthread_create(&thread, nullptr, run, nullptr) != 0)
        return 1;
    pthread_join(thread, nullptr);
    printf("{\"threads\":[{\"tid\":%d,\"name\":\"cxx\",\"alloc_count\":%llu,\"alloc_bytes\":%llu,"
           "\"free_count\":%llu,\"free_bytes\":%llu}]}\n",
           worker_tid, counts.alloc_count, counts.alloc_bytes, counts.free_count,
           counts.free_bytes);
    return 0;
}
