/*
 * What C++ waits by: initialisers that throw, and are run again, for pthread_once, std::call_once
 * and a static object, with another thread waiting; locks and conditions of the standard library.
 */
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <future>
#include <mutex>
#include <pthread.h>
#include <shared_mutex>
#include <stdexcept>
#include <thread>

using namespace std::chrono_literals;

namespace
{
std::atomic<int> posix_runs, standard_runs, static_runs;
pthread_once_t posix_once = PTHREAD_ONCE_INIT;
std::once_flag standard_once;

void throw_first(std::atomic<int> &runs)
{
    int run = runs++;
    std::this_thread::sleep_for(10ms);
    if (run == 0)
        throw std::runtime_error("first");
}

/* GNU's pthread_once lets an exception out, and the next caller begins anew. */
void by_posix()
{
    pthread_once(&posix_once, [] { throw_first(posix_runs); });
}

void by_standard()
{
    std::call_once(standard_once, [] { throw_first(standard_runs); });
}

struct thrower {
    thrower()
    {
        throw_first(static_runs);
    }
};

void by_static()
{
    static thrower object;
    (void)object;
}

void by_two(const char *what, void (*call)(), const std::atomic<int> &runs)
{
    std::atomic<int> caught{0}, passed{0};
    auto one = [&] {
        try {
            call();
            passed++;
        } catch (const std::runtime_error &) {
            caught++;
        }
    };
    std::thread first(one), second(one);
    first.join();
    second.join();
    std::printf("%s: %d runs, %d caught, %d passed\n", what, int(runs), int(caught), int(passed));
}

void standard_library()
{
    std::mutex mutex;
    std::timed_mutex timed;
    std::recursive_timed_mutex recursive;
    std::shared_timed_mutex shared;
    std::condition_variable condition;
    bool ready = false;
    std::lock_guard<std::timed_mutex> lock(timed);
    std::lock_guard<std::recursive_timed_mutex> again(recursive);
    std::unique_lock<std::shared_timed_mutex> exclusive(shared);
    auto other = std::async(std::launch::async, [&] {
        int failed = !timed.try_lock_for(5ms) + !recursive.try_lock_for(5ms) +
                     !shared.try_lock_shared_for(5ms);
        std::this_thread::sleep_for(5ms);
        std::lock_guard<std::mutex> guard(mutex);
        ready = true;
        condition.notify_one();
        return failed;
    });
    std::unique_lock<std::mutex> guard(mutex);
    condition.wait(guard, [&] { return ready; });
    bool timeout = condition.wait_for(guard, 5ms) == std::cv_status::timeout;
    guard.unlock();
    std::printf("recursive: %d, refused: %d, timeout: %d\n", recursive.try_lock(), other.get(),
                timeout);
    recursive.unlock();
}
} // namespace

int main()
{
    by_two("pthread_once", by_posix, posix_runs);
    by_two("call_once", by_standard, standard_runs);
    by_two("static", by_static, static_runs);
    standard_library();
    return 0;
}
