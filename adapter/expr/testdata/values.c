// Values of C of all types. Lines with STOP are where both debuggers stop, and
// the lines behind them with //= are expressions to compare.
#include <complex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <uchar.h>

enum color { RED, GREEN, BLUE = 5 };
enum flags { F_A = 1, F_B = 2, F_C = 4, F_MASK = 0x30 };
enum bitset { B_ONE = 1, B_TWO = 2, B_FOUR = 4 };
enum sign { MINUS = -1, ZERO, PLUS };

struct point { int x, y; };
typedef struct point point_t;
struct node { struct node *next; int value; char name[8]; };
struct bits { unsigned a : 3; int b : 5; unsigned long c : 40; bool d : 1; enum color e : 4; };
union number { int i; float f; unsigned char bytes[4]; };
struct nested {
	struct point p;
	union { int i; float f; };
	struct { char tag; short s; } inner;
	int (*fn)(int, char);
	int matrix[2][3];
	struct opaque *hidden;
	enum color c;
	const char *text;
};
struct flexible { int n; int items[]; };
struct empty {};

int global = 42;
static const char *message = "a static message";
struct point points[3] = {{1, 2}, {3, 4}, {5, 6}};
int zeros[300];
double numbers[] = {1.5, 2.5, 1e100, -0.0};

static int add(int a, char b) { return a + b; }
int (*function)(int, char) = add;

static int shadow(int n)
{
	static int calls = 7;
	int x = n;
	{
		int x = n * 2;
		{
			long x = n * 3L;
			calls += x > 0; // STOP shadow
			//= x
			//= n
			//= calls
			//= sizeof x
			//= x + n
			//= shadow
			//= *shadow
			//= &calls
			calls -= x < 0;
		}
		calls += x;
	}
	return x + calls;
}

static int vla(int n)
{
	int a[n];
	char s[n + 1];
	for (int i = 0; i < n; i++) {
		a[i] = i * i;
		s[i] = 'a' + i;
	}
	s[n] = 0;
	return a[n - 1] + s[0]; // STOP vla
	//= a[2]
	//= s[1]
	//= sizeof a
}

int main(int argc, char **argv)
{
	bool yes = true, no = false;
	char c = 'A', nul = 0, newline = '\n', quote = '\'', high = (char)0xe9, bell = 7, esc = 27, back = '\\';
	signed char sc = -5;
	unsigned char uc = 200;
	short sh = -1234;
	unsigned short ush = 65000;
	int i = -7, j = 3;
	unsigned int u = 4000000000u;
	long l = -123456789012345;
	unsigned long ul = 18446744073709551615ul;
	long long ll = 1ll << 62;
	__int128 wide = (__int128)1 << 100;
	unsigned __int128 uwide = ~(unsigned __int128)0;
	float f = 1.1f;
	double d = 3.14159, tiny = 1e-300, big = 123456789.0, tenth = 0.1, whole = 100000.0, inf = 1.0 / 0.0, minf = -1.0 / 0.0;
	double nan = __builtin_nan("");
	long double ld = 1.1L, ldbig = 1e4000L;
	float complex fc = 1 + 2 * I;
	double complex dc = 1.5 - 2.5 * I;
	int8_t i8 = 'x';
	uint8_t u8 = 65;
	int64_t i64 = -1;
	size_t size = 17;
	wchar_t wc = L'w';
	char16_t c16 = u'x';
	char32_t c32 = U'y';
	wchar_t wide_text[] = L"wide";
	char16_t text16[] = u"sixteen";
	enum color color = BLUE, odd_color = 3;
	enum flags flags = F_A | F_C, none = 0, unknown = 9, masked = F_A | 0x30;
	enum sign sign = MINUS;
	enum bitset bitset = B_ONE | B_FOUR, no_bits = 0, odd_bits = 9, bad_bits = 8;
	struct point p = {10, -20}, *pp = &p, **ppp = &pp;
	point_t tp = {1, 2};
	struct node second = {NULL, 2, "second"}, first = {&second, 1, "first"};
	struct bits bits = {5, -3, 1234567890123, true, GREEN};
	union number number = {.f = 1.0f};
	struct nested nested = {{1, 2}, {7}, {'t', 9}, add, {{1, 2, 3}, {4, 5, 6}}, NULL, RED, "nested text"};
	struct nested *np = &nested;
	struct flexible *flexible = malloc(sizeof *flexible + 4 * sizeof(int));
	struct empty empty;
	int array[5] = {1, 2, 3, 4, 5};
	int same[30] = {0};
	int mixed[30] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3, 4};
	int ten[10] = {9, 9, 9, 9, 9, 9, 9, 9, 9, 9}, nine[9] = {9, 9, 9, 9, 9, 9, 9, 9, 9};
	int long_array[250];
	char text[16] = "hello";
	char full[5] = {'h', 'e', 'l', 'l', 'o'};
	char odd_text[32] = "tab\there \"quoted\" \001\0022 end";
	char repeated[64] = "aaaaaaaaaaaaaaaaaaaaaaaabcccccccccccccccccccd";
	char long_text[300];
	unsigned char blob[6] = {0, 1, 2, 0xff, 0x80, 0x7f};
	const char *s = "a string", *null = NULL, *bad = (char *)1, *utf8 = "gr\xc3\xbc\xc3\x9f", *broken = "\xff\xfe!";
	const char *const strings[] = {"one", "two", NULL};
	void *vp = &global, *vnull = NULL;
	int *ip = &global, *stack = &i, **ipp = &ip;
	int (*fp)(int, char) = add;
	int (*fps[2])(int, char) = {add, NULL};
	int (*ap)[5] = &array;
	int cube[2][2][2] = {{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}};
	struct point grid[2][2] = {{{1, 1}, {1, 1}}, {{2, 2}, {3, 3}}};
	const volatile int cvi = 9;
	int *const cp = &array[1];
	int *restrict rp = array;
	_Atomic int atomic = 3;
	const char *env = getenv("NO_SUCH_VARIABLE");
	int (*(*weird)(int))[5] = NULL;
	void (*handler)(int, ...) = NULL;

	flexible->n = 4;
	for (int k = 0; k < 4; k++)
		flexible->items[k] = k;
	for (int k = 0; k < 250; k++)
		long_array[k] = k;
	memset(long_text, 'z', sizeof long_text);
	for (int k = 0; k < 299; k++)
		long_text[k] = 'a' + k % 26;
	long_text[299] = 0;
	i += shadow(argc);
	i += vla(5);
	global += i; // STOP main
	//= 1 + 2 * 3
	//= (1 + 2) * 3
	//= i + j
	//= i / j
	//= i % j
	//= -i
	//= ~i
	//= !i
	//= !!i
	//= i << 2
	//= i >> 1
	//= u + 1
	//= u + i
	//= u >> 1
	//= uc + 1
	//= sc * 2
	//= ush * ush
	//= l * 2
	//= ul + 1
	//= ul > 0
	//= -1 < u
	//= i < j
	//= i == j
	//= i != j && j == 3
	//= i > 0 || j > 0
	//= i & 0xff
	//= i | 1
	//= i ^ j
	//= j ? i : u
	//= 10 / 4
	//= 10 / 4.0
	//= 10 % 4
	//= 1.5 + 1
	//= f + 1
	//= f * d
	//= d / 2
	//= d > 3
	//= -d
	//= (int)d
	//= (char)65
	//= (unsigned char)-1
	//= (float)1 / 3
	//= (double)1 / 3
	//= (long)i
	//= (enum color)1
	//= (short)70000
	//= (bool)5
	//= 'a'
	//= 'a' + 1
	//= '\n'
	//= '\0'
	//= '\''
	//= '\x41'
	//= "literal"
	//= sizeof(int)
	//= sizeof i
	//= sizeof(struct nested)
	//= sizeof array
	//= sizeof(array) / sizeof(array[0])
	//= sizeof(int *)
	//= sizeof(char[10])
	//= p
	//= p.x
	//= pp->y
	//= (*pp).x
	//= pp
	//= *pp
	//= &p
	//= &p.y
	//= **ppp
	//= (*ppp)->x
	//= tp
	//= first
	//= first.next->name
	//= first.next->next
	//= *first.next
	//= first.name[1]
	//= bits
	//= bits.a
	//= bits.b
	//= bits.c + 1
	//= bits.e
	//= number
	//= number.i
	//= nested
	//= nested.f
	//= nested.inner
	//= nested.inner.s
	//= nested.matrix
	//= nested.matrix[1]
	//= nested.matrix[1][2]
	//= nested.fn
	//= *nested.fn
	//= np->fn
	//= np->p.x + np->matrix[0][1]
	//= array
	//= array[1]
	//= *array
	//= *(array + 2)
	//= 2[array]
	//= &array[1]
	//= &array
	//= array + 1
	//= *ap
	//= (*ap)[2]
	//= *array@3
	//= array[1]@3
	//= *pp@1
	//= points
	//= points[1]
	//= points[1].y
	//= &points[1]
	//= &points[2] - &points[0]
	//= (char *)&points[2] - (char *)&points[0]
	//= &points[1] > &points[0]
	//= &points[1] == 0
	//= pp == 0
	//= !pp
	//= pp && 1
	//= zeros
	//= numbers
	//= numbers[1]
	//= global
	//= &global
	//= *&global
	//= ip
	//= *ip
	//= **ipp
	//= ip + 1
	//= ip == &global
	//= message
	//= *message
	//= message[2]
	//= message + 9
	//= &message
	//= text
	//= &text
	//= text[0]
	//= &text[1]
	//= (char *)text
	//= s
	//= *s@4
	//= s[3]
	//= null
	//= *strings@2
	//= strings[1]
	//= vp
	//= (int *)vp
	//= *(int *)vp
	//= (long)vp
	//= (void *)0
	//= (struct point *)0
	//= &((struct nested *)0)->inner
	//= (long)&((struct nested *)0)->inner.s
	//= (unsigned long)&global
	//= (struct point *)vp
	//= fp
	//= *fp
	//= &add
	//= add
	//= main
	//= &main
	//= function
	//= fps
	//= fp == add
	//= cube
	//= cube[1]
	//= cube[1][0][1]
	//= *cube
	//= grid
	//= RED
	//= BLUE + 1
	//= color == BLUE
	//= color
	//= color + 0
	//= (enum flags)5
	//= (enum flags)8
	//= flags | F_B
	//= cvi
	//= cp
	//= wc
	//= c16
	//= wide_text
	//= text16
	//= c == 'A'
	//= c + 1
	//= uc
	//= 'A' == 65
	//= wide
	//= ld
	//= ld * 2
	//= fc
	//= flexible->n
	//= flexible->items[2]
	//= *flexible
	//= ::global
	//= values.c::global
	//= 'values.c'::message
	//= shadow::calls
	//= &shadow::calls
	//= 0x10
	//= 010
	//= 0b101
	//= 10u
	//= 10L
	//= 4294967296
	//= 4294967295
	//= 2147483648
	//= 0xffffffff
	//= 1e3
	//= 1.5f
	//= 1 ? 2 : 3
	//= $rsp == $sp
	//= $pc == $rip
	//= $eax == (int)$rax
	//= sizeof(unsigned long long)
	//= (const char *)text
	//= (unsigned char)c
	//= *(unsigned char *)&i
	//= *(unsigned char (*)[4])&i
	//= ((struct node *)&first)->value
	//= argc@1
	//= argc
	//= argv[argc]
	//= -5 / 2
	//= -5 % 3
	//= 5 % -3
	//= 7 / 2 * 2
	//= 1 - 2 - 3
	//= 1 << 31
	//= 1u << 31
	//= 1 << 3 + 1
	//= 3 & 5 == 5
	//= -1 > 1u
	//= 1.0 == 1
	//= /x i
	//= /x u
	//= /d uc
	//= /u i
	//= /o u
	//= /t j
	//= /c 65
	//= /x array
	//= /x p
	//= /d c
	//= /x c
	//= /x text
	//= /s text
	//= /x nested
	//= /x bits
	//= /x color
	//= /d color
	//= /x pp
	//= /x d
	//= /c i8
	//= /d yes
	//= /x flags
	//= /t bits.a
	//= /x wide
	//= /a &global
	//= /x -1
	//= /o 0
	//= /c array
	//= /z j
	return argc > 99;
}
