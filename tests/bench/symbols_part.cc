/*
 * A unit of the program that symbols.py makes: a few hundred kilobytes of containers, algorithms
 * and closures, COUNT times, each of its own type. Everything is in an anonymous namespace, so that
 * the same object can be linked under many names, each with code of its own: hundreds of megabytes
 * of debug information from a minute of compiling.
 */
#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <future>
#include <iostream>
#include <list>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

namespace
{
template <int N> struct item {
    int key;
    std::string text;
    bool operator<(const item &o) const
    {
        return key < o.key;
    }
    bool operator==(const item &o) const
    {
        return key == o.key;
    }
};
template <int N> struct hash_of {
    size_t operator()(const item<N> &i) const
    {
        return std::hash<std::string>()(i.text) ^ (size_t)i.key;
    }
};

template <int N> __attribute__((used, noinline)) size_t containers(int n)
{
    std::map<item<N>, std::vector<item<N>>> m;
    std::unordered_map<item<N>, std::deque<int>, hash_of<N>> u;
    std::set<std::tuple<int, item<N>>> s;
    std::list<std::function<int(item<N>)>> f;
    for (int i = 0; i < n; i++) {
        item<N> it{i, std::to_string(i)};
        m[it].push_back(it);
        u[it].push_front(i);
        s.insert({i, it});
        f.push_back([it](item<N> o) { return it.key + o.key; });
    }
    size_t sum = 0;
    for (auto &[k, v] : m)
        sum += std::accumulate(v.begin(), v.end(), k.key,
                               [](int a, const item<N> &b) { return a + b.key; });
    for (auto &g : f)
        sum += (size_t)g(item<N>{1, "x"});
    return sum + u.size() + s.size();
}
template <int N> __attribute__((used, noinline)) size_t sorts(std::vector<item<N>> v)
{
    std::sort(v.begin(), v.end());
    std::stable_sort(v.begin(), v.end(),
                     [](const item<N> &a, const item<N> &b) { return a.text < b.text; });
    std::nth_element(v.begin(), v.begin() + v.size() / 2, v.end());
    std::shuffle(v.begin(), v.end(), std::mt19937(N));
    auto shared = std::make_shared<std::vector<item<N>>>(std::move(v));
    std::variant<int, std::string, item<N>> any = (*shared)[0];
    return std::visit([](auto &x) { return sizeof(x); }, any) + shared->size();
}
template <int N> __attribute__((used, noinline)) size_t words(const std::string &t)
{
    std::regex r("(a|b)*" + std::to_string(N));
    std::smatch m;
    std::ostringstream o;
    if (std::regex_search(t, m, r))
        o << m.str() << N;
    auto later = std::async(std::launch::deferred, [&] { return item<N>{N, o.str()}; });
    return later.get().text.size();
}
template <int N> struct all {
    __attribute__((used)) static size_t go(int n)
    {
        return containers<N>(n) + sorts<N>({}) + words<N>("x") + all<N - 1>::go(n);
    }
};
template <> struct all<-1> {
    static size_t go(int)
    {
        return 0;
    }
};
__attribute__((used)) size_t start(int n)
{
    return all<COUNT>::go(n);
}
} // namespace
