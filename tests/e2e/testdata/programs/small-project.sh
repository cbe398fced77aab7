# A project of many small files, made and built in parallel, then rebuilt after one change.
set -e
mkdir -p src
for i in 1 2 3 4 5 6; do
	printf '#include <stdio.h>\nint f%d(int x) { return x * %d + 1; }\n' "$i" "$i" > "src/f$i.c"
done
cat > src/main.c <<C
#include <stdio.h>
int f1(int), f2(int), f3(int), f4(int), f5(int), f6(int);
int main(void) { printf("%d\n", f6(f5(f4(f3(f2(f1(1))))))); return 0; }
C
cat > Makefile <<'M'
OBJECTS := $(patsubst src/%.c,%.o,$(sort $(wildcard src/*.c)))
prog: $(OBJECTS)
	@gcc -o $@ $^
%.o: src/%.c
	@gcc -O1 -g -c -o $@ $<
M
make -s -j2
./prog
echo 'int extra;' >> src/f3.c
make -s -j2
./prog
make -q && echo 'up to date'
