// Proves: C++ exceptions through frames with destructors, nested, rethrown, and carried from one thread to another.
#include "../debuggee.h"
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

static int alive;

struct Guard {
	Guard() { alive++; }
	~Guard() { alive--; }
};

static int deep(int n) {
	Guard g;
	std::vector<std::string> v(n, "text that is long enough for the heap");
	if (n == 0) throw std::runtime_error("from the bottom"); // BP1
	return deep(n - 1) + (int)v.size();
}

static void translate() {
	try {
		deep(10);
	} catch (const std::exception &e) {
		std::throw_with_nested(std::logic_error("outer"));
	}
}

int main() {
	for (int i = 0; i < 200; i++) {
		try {
			deep(i % 30);
		} catch (const std::runtime_error &e) {
			CHECK(std::string(e.what()) == "from the bottom" && alive == 0);
			mix((uintptr_t)&e), mix(i);
		}
		if (i % 20 == 0) witness();
	}
	ok("frames");
	try {
		translate();
	} catch (const std::logic_error &e) {
		try {
			std::rethrow_if_nested(e);
			CHECK(!"nested");
		} catch (const std::runtime_error &inner) {
			CHECK(std::string(inner.what()) == "from the bottom");
		}
	}
	ok("nested");
	std::future<int> f = std::async(std::launch::async, [] { return deep(5); });
	try {
		f.get();
		CHECK(!"thrown");
	} catch (const std::runtime_error &e) {
		CHECK(alive == 0);
	}
	std::exception_ptr p;
	std::thread([&p] {
		try {
			throw 42;
		} catch (...) {
			p = std::current_exception();
		}
	}).join();
	try {
		std::rethrow_exception(p);
	} catch (int n) {
		CHECK(n == 42);
	}
	ok("threads");
}
