// Proves: C++ exceptions thrown through 200 frames with destructors, caught by type, rethrown, thrown in destructors of unwinding and
// nested; the unwinder finds its way by return addresses that must be the original ones.
#include "../debuggee.h"
#include <stdexcept>
#include <string>
#include <vector>

static long alive, sum;
struct Guard {
	int v;
	explicit Guard(int v) : v(v) { alive++; }
	~Guard() {
		alive--, sum = sum * 31 + v;
		if (v % 50 == 7) try { throw v; } catch (int x) { sum += x; }
	}
};
struct Left { int v; };
struct Right : Left {};

__attribute__((noinline)) static int dive(int n, int kind) {
	Guard g(n);
	if (n == 0) {
		if (kind == 0) throw Left{5};
		if (kind == 1) throw Right{{6}};
		if (kind == 2) throw std::out_of_range("range");
		if (kind == 3) return std::string("abc").at(7);
		return 1;
	}
	if (n % 40 == 0) {
		try {
			return dive(n - 1, kind) + 1;
		} catch (const Right &r) {
			sum += r.v;
			throw;
		} catch (const std::out_of_range &) {
			std::throw_with_nested(std::runtime_error("nested"));
		}
	}
	return dive(n - 1, kind) + g.v;
}

int main() {
	for (int i = 0; i < 60; i++) {
		int kind = i % 5;
		try {
			sum += dive(i % 3 ? 200 : i, kind);
			CHECK(kind == 4);
		} catch (const Left &l) {
			CHECK(kind < 2 && l.v == 5 + kind);
		} catch (const std::exception &e) {
			int depth = 0;
			const std::exception *p = &e;
			sum += p->what()[0];
			try {
				std::rethrow_if_nested(e);
			} catch (const std::exception &inner) {
				depth++, sum += inner.what()[0];
			}
			sum += depth;
		}
		CHECK(alive == 0);
		mix(sum);
		if (i % 10 == 0) witness();
	}
	printf("%ld\n", sum);
	ok("unwinding");
}
