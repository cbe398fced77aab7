// Proves: virtual calls from one place with 1, 2, 4 and 200 targets, in orders that repeat and that look random; pointers to members,
// std::function, and virtual functions that call virtual functions.
#include "../debuggee.h"
#include <functional>
#include <memory>
#include <utility>
#include <vector>

struct Node {
	virtual ~Node() = default;
	virtual uint64_t run(uint64_t v) const = 0;
};
template <int N> struct Kind : Node {
	uint64_t run(uint64_t v) const override { return (v ^ v >> (N % 13 + 1)) * (2 * N + 3); }
};
struct Pair : Node {
	const Node *a, *b;
	Pair(const Node *a, const Node *b) : a(a), b(b) {}
	uint64_t run(uint64_t v) const override { return a->run(b->run(v) + 1); }
};

template <int... N> static std::vector<std::unique_ptr<Node>> make(std::integer_sequence<int, N...>) {
	std::vector<std::unique_ptr<Node>> all;
	(all.push_back(std::make_unique<Kind<N>>()), ...);
	return all;
}

__attribute__((noinline)) static uint64_t walk(const std::vector<const Node *> &nodes, uint64_t v) {
	for (const Node *n : nodes) v = n->run(v);
	return v;
}

int main() {
	auto kinds = make(std::make_integer_sequence<int, 200>());
	unsigned seed = 1;
	uint64_t v = 1;
	for (unsigned targets : {1u, 2u, 4u, 200u})
		for (int random = 0; random < 2; random++) {
			std::vector<const Node *> nodes;
			for (unsigned i = 0; i < 20000; i++) {
				seed = seed * 1103515245 + 12345;
				nodes.push_back(kinds[(random ? seed >> 16 : i) % targets].get());
			}
			v = walk(nodes, v);
			printf("%u targets: %016lx\n", targets, v);
			mix(v), witness();
		}
	std::vector<std::unique_ptr<Node>> pairs;
	for (int i = 0; i < 30; i++) pairs.push_back(std::make_unique<Pair>(kinds[i].get(), i ? pairs[i - 1].get() : kinds[0].get()));
	for (int i = 0; i < 300; i++) v = pairs[i % 30]->run(v);
	uint64_t (Node::*member)(uint64_t) const = &Node::run;
	for (int i = 0; i < 2000; i++) v = (kinds[i % 7].get()->*member)(v);
	std::vector<std::function<uint64_t(uint64_t)>> functions;
	for (uint64_t k = 0; k < 5; k++) functions.push_back([k](uint64_t x) { return x * (k + 2) + 1; });
	for (int i = 0; i < 5000; i++) v = functions[v % 5](v);
	printf("%016lx\n", v);
	mix(v);
	ok("virtual_calls");
}
