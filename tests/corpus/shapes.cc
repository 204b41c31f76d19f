/*
 * C++ of the corpus: virtual bases, exceptions with cold parts, lambdas, local classes,
 * unnamed namespaces, constructors and destructors of several kinds.
 */
#include "corpus.h"

namespace
{
struct failure {
    int code;
    explicit failure(int c) : code(c)
    {
    }
    failure(const failure &other) : code(other.code + 1)
    {
    }
    ~failure()
    {
        corpus_sink += code;
    }
};

/* One name in several units. */
CORPUS_NOINLINE int same_name(int x)
{
    return corpus_mix(x, 2) - corpus_sink;
}

class hidden
{
    int value;

  public:
    explicit hidden(int v) : value(v)
    {
    }
    CORPUS_NOINLINE int twice() const
    {
        return value * 2 + same_name(value);
    }
    int thrice() const
    {
        return twice() + corpus_mix(value, 3);
    }
};
} // namespace

namespace shapes
{
struct base {
    int area;
    explicit base(int a) : area(a)
    {
        corpus_sink ^= a;
    }
    virtual ~base()
    {
        corpus_sink -= area;
    }
    virtual int size() const
    {
        return area;
    }
};

struct left : virtual base {
    int l;
    explicit left(int x) : base(x), l(x)
    {
    }
    int size() const override
    {
        return corpus_mix(l, area);
    }
};

struct right : virtual base {
    int r;
    explicit right(int x) : base(x), r(x)
    {
    }
    ~right() override
    {
        corpus_sink = r;
    }
};

struct both : left, right {
    explicit both(int x) : base(x), left(x + 1), right(x + 2)
    {
    }
    ~both() override
    {
        corpus_sink += l;
    }
    int size() const override
    {
        return left::size() + r;
    }
};

CORPUS_NOINLINE int checked(int x)
{
    if (x < 0)
        throw failure(x);
    return corpus_mix(x, 4);
}

/* Landing pads, and what is thrown out of the way of what is not. */
CORPUS_NOINLINE int careful(int x)
{
    hidden guard(x);
    try {
        failure first(1);
        int sum = checked(x) + checked(x - 1);

        for (int i = 0; i < x; i++)
            sum += checked(i) + guard.thrice();
        return sum;
    } catch (const failure &caught) {
        corpus_sink = caught.code;
        return same_name(caught.code);
    } catch (...) {
        corpus_sink = -1;
        throw;
    }
}

CORPUS_NOINLINE int virtuals(base *shape)
{
    int size = shape->size();

    delete shape;
    return size;
}

template <typename F> CORPUS_NOINLINE int apply(F function, int x)
{
    return function(x) + function(x + 1);
}

CORPUS_NOINLINE int lambdas(int x)
{
    auto add = [x](int y) { return corpus_mix(x, y); };
    auto twice = [&](int y) {
        auto inner = [&](int z) { return add(z) * y; };
        return inner(y) + inner(x);
    };

    return apply(add, x) + apply(twice, x) + apply([](int z) { return z * corpus_sink; }, 3);
}

CORPUS_NOINLINE int locals(int x)
{
    struct local {
        int v;
        CORPUS_NOINLINE int get() const
        {
            return corpus_mix(v, 5);
        }
        int inlined() const
        {
            return get() + tower(v);
        }
        static CORPUS_INLINE int tower(int y)
        {
            return corpus::tower<6>::climb(y);
        }
    };
    local first{x}, second{x + 1};

    return first.get() + second.inlined();
}

inline namespace v2
{
CORPUS_NOINLINE int versioned(int x)
{
    static int calls = checked(x);

    return calls++ + corpus::tower<3>::climb(x);
}
} // namespace v2
} // namespace shapes

int shapes_run(int argument)
{
    int values[4] = {argument, 1, 2, 3};
    int sum = shapes::careful(argument) + shapes::lambdas(argument) + shapes::locals(argument);

    sum += shapes::virtuals(new shapes::both(argument));
    sum += shapes::versioned(argument) + corpus_once<long>(argument, 3) > 0;
    return sum + corpus_deep(values, 4) + hidden(argument).thrice() + same_name(3);
}
