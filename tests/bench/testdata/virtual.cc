// A program heavy in virtual calls: trees of expressions, evaluated, derived and simplified again and again. The argument is the
// number of rounds.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

struct Node {
	virtual ~Node() = default;
	virtual double value(double x) const = 0;
	virtual std::unique_ptr<Node> derived() const = 0;
	virtual std::unique_ptr<Node> copy() const = 0;
	virtual int size() const { return 1; }
};
using Tree = std::unique_ptr<Node>;

struct Number : Node {
	double v;
	explicit Number(double v) : v(v) {}
	double value(double) const override { return v; }
	Tree derived() const override { return std::make_unique<Number>(0); }
	Tree copy() const override { return std::make_unique<Number>(v); }
};
struct Variable : Node {
	double value(double x) const override { return x; }
	Tree derived() const override { return std::make_unique<Number>(1); }
	Tree copy() const override { return std::make_unique<Variable>(); }
};
struct Binary : Node {
	Tree a, b;
	Binary(Tree a, Tree b) : a(std::move(a)), b(std::move(b)) {}
	int size() const override { return 1 + a->size() + b->size(); }
};
struct Sum : Binary {
	using Binary::Binary;
	double value(double x) const override { return a->value(x) + b->value(x); }
	Tree derived() const override { return std::make_unique<Sum>(a->derived(), b->derived()); }
	Tree copy() const override { return std::make_unique<Sum>(a->copy(), b->copy()); }
};
struct Product : Binary {
	using Binary::Binary;
	double value(double x) const override { return a->value(x) * b->value(x); }
	Tree derived() const override {
		return std::make_unique<Sum>(std::make_unique<Product>(a->derived(), b->copy()), std::make_unique<Product>(a->copy(), b->derived()));
	}
	Tree copy() const override { return std::make_unique<Product>(a->copy(), b->copy()); }
};

static Tree build(unsigned &seed, int depth) {
	seed = seed * 1103515245 + 12345;
	unsigned kind = seed >> 16;
	if (depth == 0) {
		if (kind % 3) return std::make_unique<Variable>();
		return std::make_unique<Number>(kind % 7 / 8.0);
	}
	Tree a = build(seed, depth - 1), b = build(seed, depth - 1);
	if (kind % 2) return std::make_unique<Sum>(std::move(a), std::move(b));
	return std::make_unique<Product>(std::move(a), std::move(b));
}

int main(int argc, char **argv) {
	int rounds = argc > 1 ? atoi(argv[1]) : 1;
	double sum = 0;
	unsigned seed = 1;
	for (int i = 0; i < rounds; i++) {
		Tree tree = build(seed, 8), slope = tree->derived();
		for (int k = 0; k < 20; k++) sum += tree->value(k / 40.0) + slope->value(k / 50.0);
		sum += tree->size() % 7 + slope->size() % 5;
		if (sum > 1e12) sum = 0;
	}
	printf("%.6f\n", sum);
}
