// Values of C++: classes, bases, references, templates, member pointers.
#include <cstdint>

namespace outer {
int level = 1;
namespace inner {
int level = 2;
struct Thing {
	int n;
	static int count;
	enum Kind { SMALL, LARGE };
	enum class Shade : unsigned char { DARK = 1, LIGHT };
	Kind kind;
	Shade shade;
	struct Part { int p; } part;
	int sum(int more) const
	{
		int level = n + more;
		return level; // STOP method
		//= n
		//= this->n
		//= *this
		//= this
		//= count
		//= level
		//= outer::level
		//= ::outer::level
		//= outer::inner::level
		//= inner::level
		//= LARGE
		//= Shade::DARK
		//= part.p + more
		//= kind == SMALL
	}
};
int Thing::count = 11;
}
inline namespace v1 { int versioned = 5; }
}
namespace { int hidden = 77; }

struct Base { int b; virtual ~Base() {} virtual int f() { return b; } };
struct Other { int o; };
struct Derived : Base, Other { int d; int f() override { return d; } };
struct Left : virtual Other { int l; };
struct Right : virtual Other { int r; };
struct Diamond : Left, Right { int x; };
struct Empty {};
struct FromEmpty : Empty { int e; };
class Private { int secret; protected: int more; public: Private() : secret(1), more(2) {} int get() { return secret; } };

template <typename T> struct Box { T value; T *pointer; static T shared; T get() { return value; } };
template <typename T> T Box<T>::shared = T(9);
template <typename T, int N> struct Fixed { T items[N]; };
template <typename T> T twice(T x)
{
	T y = x + x;
	return y; // STOP template
	//= x
	//= y
	//= sizeof(T)
	//= (T)65
}

union Mixed { int i; double d; struct { short a, b; }; };
struct Bits { bool on : 1; int n : 7; unsigned long wide : 33; };
struct Statics { static const int constant = 12; static constexpr double ratio = 0.5; int own; };
struct Refs { int &r; const int &c; int &&rr; };
enum Plain { P_ONE = 1, P_TWO };
enum class Scoped { A, B = 200 };
typedef int (*Function)(const Base &, int);
using Alias = Box<int>;
static int callee(const Base &b, int n) { return b.b + n; }
int overloaded(int x) { return x; }
int overloaded(double x) { return (int)x; }

static int parameters(int &ref, const Derived &object, Base *poly, Base &same, int &&moved, const char (&text)[4], int array[3])
{
	return ref + object.d + poly->b + same.b + moved + text[0] + array[0]; // STOP parameters
	//= ref
	//= &ref
	//= ref + 1
	//= object
	//= object.b
	//= object.o
	//= poly
	//= *poly
	//= poly->b
	//= *(Derived *)poly
	//= (Derived *)poly
	//= static_cast<Derived *>(poly)->d
	//= ((Derived &)same).d
	//= same
	//= moved
	//= text
	//= array
	//= array[1]
	//= *array@3
	//= sizeof(object)
	//= sizeof ref
	//= &object.o
	//= (Other *)&object
	//= *(Other *)&object
	//= object.Base::b
}

int main()
{
	outer::inner::Thing thing = {4, outer::inner::Thing::LARGE, outer::inner::Thing::Shade::LIGHT, {6}};
	Base base;
	base.b = 3;
	Derived derived;
	derived.b = 1, derived.o = 2, derived.d = 3;
	Diamond diamond;
	diamond.o = 1, diamond.l = 2, diamond.r = 3, diamond.x = 4;
	Empty empty;
	FromEmpty from_empty = {};
	from_empty.e = 5;
	Private priv;
	Box<int> box = {7, &box.value};
	Box<Box<char>> nested = {{'q', nullptr}, nullptr};
	Box<const char *> texts = {"text", nullptr};
	Fixed<int, 3> fixed = {{1, 2, 3}};
	Mixed mixed = {42};
	Bits bits = {true, -3, 5000000000};
	Statics statics = {1};
	int number = 8;
	Refs refs = {number, number, 9 + 0};
	Plain plain = P_TWO;
	Scoped scoped = Scoped::B, odd = (Scoped)7;
	Function function = callee;
	Alias alias = {1, nullptr};
	int Derived::*data = &Derived::d;
	int Derived::*null_data = nullptr;
	int (Private::*method)() = &Private::get;
	int (Base::*virtual_method)() = &Base::f;
	int &reference = number;
	const int &constant = number;
	Derived &object = derived;
	Base *poly = &derived;
	Base *const fixed_poly = &base;
	const char *text = "gr\xc3\xbc\xc3\x9f";
	char16_t wide16 = u'\u00e9';
	char32_t wide32 = U'\U0001f600';
	wchar_t wide = L'w';
	bool yes = true;
	auto lambda = [number, &reference](int x) { return number + x + reference; };
	decltype(nullptr) nothing = nullptr;
	Derived many[2];
	many[0].b = many[1].b = 1, many[0].o = many[1].o = 2, many[0].d = many[1].d = 3;
	uint8_t byte = 'z';
	int sum = thing.sum(2);
	sum += twice(3) + (int)twice(1.5) + (int)twice<char>('a');
	sum += parameters(number, derived, poly, base, 5, "abc", fixed.items);
	sum += overloaded(1) + overloaded(1.5) + hidden + outer::versioned + Box<int>::shared + box.get();
	return sum == 0; // STOP main
	//= thing
	//= thing.n
	//= thing.kind
	//= thing.shade
	//= thing.part.p
	//= outer::inner::Thing::count
	//= &outer::inner::Thing::count
	//= thing.count
	//= outer::level + outer::inner::level
	//= outer::versioned
	//= outer::v1::versioned
	//= hidden
	//= (anonymous namespace)::hidden
	//= derived
	//= derived.b
	//= derived.Other::o
	//= diamond
	//= diamond.o
	//= diamond.l + diamond.r
	//= (Other &)diamond
	//= from_empty
	//= empty
	//= priv
	//= priv.secret
	//= box
	//= *box.pointer
	//= box.pointer
	//= &box
	//= nested
	//= nested.value.value
	//= Box<int>::shared
	//= sizeof(Box<int>)
	//= sizeof(Box<Box<char>>)
	//= sizeof(Fixed<int, 3>)
	//= (Box<int> *)&box
	//= *(Box<int> *)&box
	//= texts
	//= fixed.items[1]
	//= mixed
	//= mixed.a
	//= bits
	//= bits.n
	//= statics
	//= statics.constant
	//= Statics::constant
	//= Statics::ratio
	//= refs
	//= refs.r + 1
	//= &refs.c
	//= plain
	//= P_ONE
	//= plain == P_TWO
	//= plain + 1
	//= scoped
	//= Scoped::A
	//= scoped == Scoped::B
	//= (Scoped)200
	//= (int)scoped
	//= function
	//= *function
	//= alias
	//= data
	//= method
	//= reference
	//= &reference
	//= reference * 2
	//= object
	//= &object
	//= object.d
	//= poly
	//= *poly
	//= poly->b
	//= (Derived *)poly
	//= *(Derived *)poly
	//= fixed_poly
	//= text
	//= wide
	//= wide16
	//= wide32
	//= yes
	//= !yes
	//= yes && false
	//= true
	//= 1 == 1
	//= 1 < 0
	//= nothing
	//= nullptr
	//= poly == nullptr
	//= poly != 0
	//= many
	//= many[1].o
	//= &many[1]
	//= byte
	//= static_cast<double>(number) / 3
	//= reinterpret_cast<long>(poly) == (long)poly
	//= int(3.7)
	//= double(1)
	//= unsigned(-1)
	//= sizeof(derived)
	//= sizeof(Derived)
	//= sizeof(outer::inner::Thing)
	//= sizeof(bool)
	//= 'a'
	//= u'x'
	//= L'x'
	//= L"wide"
	//= callee
	//= &callee
	//= outer::inner::Thing::LARGE
	//= outer::inner::Thing::Shade::DARK
	//= /x derived
	//= /x bits
	//= /d scoped
	//= *&derived
	//= (&derived)->d
	//= derived.d > 2 ? derived.b : derived.o
	//= -derived.d
	//= number << 2 | 1
	//= sum > 0 || number / 0
}
