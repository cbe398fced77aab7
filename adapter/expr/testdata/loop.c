// A loop for conditions.
enum kind { FIRST, MIDDLE, LAST };
struct item { enum kind kind : 4; int value; };
struct item list[100], shared;

int main(void)
{
	int total = 0;
	for (int i = 0; i < 100; i++) {
		struct item *p = &list[i];
		p->kind = i == 0 ? FIRST : i == 99 ? LAST : MIDDLE;
		p->value = i;
		shared = *p;
		total += i; // STOP loop
	}
	return total == 0;
}
