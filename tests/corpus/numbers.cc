/*
 * More C++ of the corpus: templates and operators whose names are long, a second unit that
 * includes the same header, and main.
 */
#include "corpus.h"

namespace numbers
{
template <typename T, int N> struct vector {
    T values[N];
    CORPUS_NOINLINE T &operator[](int i)
    {
        return values[i % N];
    }
    template <typename U> vector &operator+=(const vector<U, N> &other)
    {
        for (int i = 0; i < N; i++)
            values[i] += static_cast<T>(other.values[i]);
        return *this;
    }
    explicit operator bool() const
    {
        return values[0] != 0;
    }
};

template <typename T> struct sum {
    T total = T();
    CORPUS_NOINLINE sum &operator<<(T value)
    {
        total = total + value;
        return *this;
    }
    T operator()() const
    {
        return total;
    }
};

static CORPUS_NOINLINE int same_name(int x)
{
    return corpus_mix(x, 3) | corpus_sink;
}

template <typename... T> CORPUS_NOINLINE int many(T... values)
{
    int all[] = {static_cast<int>(values)...};

    return corpus_fold(all, sizeof...(values));
}

CORPUS_NOINLINE int (*choose(int x))(int)
{
    return x > 0 ? same_name : +[](int y) -> int { return corpus_mix(y, 8); };
}

constexpr int factorial(int n)
{
    return n <= 1 ? 1 : n * factorial(n - 1);
}
} // namespace numbers

static CORPUS_NOINLINE int same_name(int x)
{
    return corpus_mix(x, 6) & corpus_sink;
}

int numbers_run(int argument)
{
    numbers::vector<double, 3> first = {{1.0, 2.0, static_cast<double>(argument)}};
    numbers::vector<int, 3> second = {{3, 4, argument}};
    numbers::sum<long> sum;
    int values[3] = {argument, argument + 1, 3};

    first += second;
    sum << argument << 3 << static_cast<long>(first[argument]);
    if (first)
        sum << numbers::many(1, 2L, 'c', argument);
    corpus_sink = numbers::choose(argument)(argument) + numbers::factorial(argument);
    return static_cast<int>(sum()) + corpus_deep(values, 3) + same_name(argument) +
           numbers::same_name(argument) + static_cast<int>(corpus_once<long>(argument, 2)) +
           corpus_once<int>(argument, 4);
}

int main(int argc, char **)
{
    return shapes_run(argc) + numbers_run(argc) + machine_run(argc);
}
