// Types of all kinds, for the damage.
namespace ns {
enum Color { RED, GREEN };
struct Base { int b; };
struct Node : Base {
	Node *next;
	union { int i; float f; };
	unsigned bits : 3;
	Color color;
	int matrix[2][3];
	int (*function)(Node *, char);
	const char *text;
	static int count;
};
int Node::count;
Node global;
template <typename T> struct Box { T value; };
Box<Box<Node>> boxes[2];
int Node::*member = &Node::i;
}
typedef ns::Node Alias;
Alias *volatile pointer = &ns::global;
extern "C" int work(int n, Alias &node, ns::Box<int> box)
{
	int local = n;
	{
		long local = n;
		static double inside = 1.5;
		local += (long)inside;
		n += local;
	}
	return local + n + node.b + box.value;
}
