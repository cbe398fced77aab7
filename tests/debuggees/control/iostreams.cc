// Proves: C++ streams, strings, maps, static constructors and destructors, locale-formatted output.
// stdin: 3 4 five\n6.5
#include "../debuggee.h"
#include <iomanip>
#include <iostream>
#include <map>
#include <sstream>
#include <unordered_map>

struct Noisy {
	const char *name;
	explicit Noisy(const char *n) : name(n) { std::cout << "make " << name << "\n"; }
	~Noisy() { std::cout << "drop " << name << "\n"; }
};

static Noisy first("first"), second("second");

int main() {
	static Noisy local("local");
	int a = 0, b = 0;
	std::string w;
	double d = 0;
	std::cin >> a >> b >> w >> d;
	std::cout << a + b << " " << w << " " << std::fixed << std::setprecision(3) << d << std::endl;
	std::map<std::string, int> m{{"one", 1}, {"two", 2}, {"three", 3}};
	std::ostringstream o;
	for (auto &[k, v] : m) o << k << "=" << std::hex << v * 100 << ";"; // BP1
	std::cout << o.str() << "\n";
	std::unordered_map<long, std::string> u;
	for (long i = 0; i < 3000; i++) u[i * 7919] = std::to_string(i);
	long sum = 0;
	for (auto &[k, v] : u) sum += k + (long)v.size(), mix((uintptr_t)&v);
	std::cout << std::dec << sum << "\n";
	witness();
}
