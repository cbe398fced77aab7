// Proves: C++ exceptions are thrown and caught in a loop while a timer ticks.
#include "ticks.h"
#include <stdexcept>
#include <string>

static int alive;
struct Guard {
	int v;
	explicit Guard(int v) : v(v) { alive++; }
	~Guard() { alive--; }
};

__attribute__((noinline)) static int dive(int n) {
	Guard g(n);
	if (n == 0) throw std::runtime_error("bottom");
	return dive(n - 1) + g.v;
}

int main() {
	on(SIGALRM, tick, 0);
	every(ITIMER_REAL, 1000);
	uint64_t rounds = 0;
	for (; ticks < 20; rounds++) {
		std::string what;
		try {
			dive(rounds % 9);
		} catch (const std::exception &e) {
			what = e.what();
		}
		CHECK(what == "bottom" && alive == 0);
	}
	every(ITIMER_REAL, 0);
	mix(rounds);
	ok("thrown");
}
