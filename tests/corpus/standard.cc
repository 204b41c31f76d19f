/*
 * C++ of the corpus with the standard library: thousands of inline functions and of names that
 * are longer than a line.
 */
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace
{
struct visitor {
    int operator()(int x) const
    {
        return x + 1;
    }
    int operator()(const std::string &text) const
    {
        return static_cast<int>(text.size());
    }
};

class parser
{
    std::map<std::string, std::vector<int>> words;
    std::unordered_map<int, std::unique_ptr<std::string>> texts;

  public:
    void add(const std::string &word, int value)
    {
        words[word].push_back(value);
        texts.emplace(value, std::make_unique<std::string>(word + "!"));
    }

    int total() const
    {
        int sum = 0;
        for (const auto &[word, values] : words)
            sum += std::accumulate(values.begin(), values.end(), static_cast<int>(word.size()));
        for (const auto &entry : texts)
            sum += static_cast<int>(entry.second->size());
        return sum;
    }
};

template <typename Container> int sorted(Container values)
{
    std::sort(values.begin(), values.end(), [](int a, int b) { return a % 7 < b % 7; });
    std::set<int> distinct(values.begin(), values.end());
    return *distinct.begin() + static_cast<int>(distinct.size());
}
} // namespace

int corpus_standard(int argc)
{
    std::vector<int> values(static_cast<size_t>(argc) * 5);
    std::iota(values.begin(), values.end(), argc);
    std::function<int(int)> twice = [&values](int x) { return values.at(x % values.size()) * 2; };
    std::variant<int, std::string> either =
        argc > 3 ? std::variant<int, std::string>(argc) : std::variant<int, std::string>("text");
    parser words;

    try {
        for (int value : values)
            words.add(std::to_string(twice(value)), value);
    } catch (const std::out_of_range &error) {
        words.add(error.what(), 1);
    }
    return words.total() + sorted(values) + std::visit(visitor(), either);
}

int main(int argc, char **)
{
    return corpus_standard(argc);
}
