// Exceptions through several frames, destructors, rethrown, nested, across threads, and one nobody catches.
#include <future>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

struct Guard {
    explicit Guard(int &n) : alive(n) { ++alive; }
    ~Guard() { --alive; }
    int &alive;
};

static int alive;

static int descend(int depth, int limit) {
    Guard guard(alive);
    std::string local(depth, 'x');
    if (depth == limit) throw std::out_of_range("depth " + std::to_string(depth));
    return descend(depth + 1, limit) + static_cast<int>(local.size());
}

int main() {
    std::map<std::string, int> seen;
    for (int i = 0; i < 300; i++) {
        try {
            try {
                descend(0, i % 17);
            } catch (const std::logic_error &e) {
                std::throw_with_nested(std::runtime_error(e.what()));
            }
        } catch (const std::exception &e) {
            try {
                std::rethrow_if_nested(e);
            } catch (const std::out_of_range &inner) {
                seen[inner.what()]++;
            }
        }
    }
    std::cout << seen.size() << " kinds, " << alive << " guards left" << std::endl;

    std::vector<std::future<int>> futures;
    for (int i = 0; i < 4; i++) futures.push_back(std::async(std::launch::async, [i] {
        if (i % 2) throw std::invalid_argument("thread " + std::to_string(i));
        return i;
    }));
    for (auto &f : futures) {
        try {
            std::cout << "value " << f.get() << std::endl;
        } catch (const std::invalid_argument &e) {
            std::cout << "caught " << e.what() << std::endl;
        }
    }
    std::cout << "now one that nobody catches" << std::endl;
    throw std::runtime_error("nobody");
}
