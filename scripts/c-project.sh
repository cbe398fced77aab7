#!/bin/sh
# Lays out a real C project for the tests and the benchmark to build: the SQLite amalgamation (250,000
# lines, from the Go module that ships it) with a program that links to it.
#
# usage: c-project.sh DIR
#
# In DIR, `make` builds ./app, which prints SQLite's version and the answer to a query. The compiler
# does not optimize: the point is a compiler's work, not the code it makes.
set -eu
dir=$1
module=github.com/mattn/go-sqlite3@v1.14.32

# -json says where the module was unpacked; it is fetched once, then found in Go's module cache.
source=$(${GO:-go} mod download -json "$module" | sed -n 's/^[[:space:]]*"Dir": "\(.*\)",\{0,1\}$/\1/p')
if [ ! -f "$source/sqlite3-binding.c" ]; then
	echo "c-project: go mod download $module gave no SQLite source" >&2
	exit 1
fi

mkdir -p "$dir"
cp "$source/sqlite3-binding.c" "$dir/sqlite3.c"
cp "$source/sqlite3-binding.h" "$dir/sqlite3.h"
chmod u+w "$dir/sqlite3.c" "$dir/sqlite3.h"
cat >"$dir/app.c" <<'C'
#include <stdio.h>
#include "sqlite3.h"

static int show(void *unused, int n, char **values, char **names) {
    (void)unused;
    for (int i = 0; i < n; i++) printf("%s = %s\n", names[i], values[i]);
    return 0;
}

int main(void) {
    sqlite3 *db;
    printf("version %s\n", sqlite3_libversion());
    if (sqlite3_open(":memory:", &db) != SQLITE_OK) return 1;
    int rc = sqlite3_exec(db,
        "create table t(x); "
        "with recursive n(i) as (select 1 union all select i+1 from n where i<1000) insert into t select i from n; "
        "select count(*) as rows, sum(x) as total from t;", show, NULL, NULL);
    sqlite3_close(db);
    return rc == SQLITE_OK ? 0 : 1;
}
C
cat >"$dir/Makefile" <<'M'
CC = gcc
CFLAGS = -O0 -w -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_THREADSAFE=1

app: app.o sqlite3.o
	$(CC) -o $@ app.o sqlite3.o -lpthread -lm

app.o: app.c sqlite3.h
sqlite3.o: sqlite3.c

clean:
	rm -f app *.o
M
