// Proves: posix_spawn with file actions, system, popen in both directions.
#include "../debuggee.h"
#include <spawn.h>

extern char **environ;

int main(void) {
	int p[2];
	CHECK(pipe(p) == 0);
	posix_spawn_file_actions_t fa;
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, p[1], 1);
	posix_spawn_file_actions_addclose(&fa, p[0]);
	char *args[] = {"sh", "-c", "echo spawned $0 $((6*7))", "arg", NULL};
	pid_t kid;
	CHECK(posix_spawn(&kid, "/bin/sh", &fa, NULL, args, environ) == 0);
	close(p[1]);
	char b[64];
	FILL(b);
	CHECK(read(p[0], b, sizeof b) == 15 && memcmp(b, "spawned arg 42\n", 15) == 0);
	MIX(b);
	reap(kid);
	CHECK(posix_spawn(&kid, "/no/such/program", NULL, NULL, args, environ) == ENOENT);
	ok("posix_spawn");
	CHECK(WEXITSTATUS(system("exit 9")) == 9 && system(NULL) != 0 && system("echo from system | tr a-z A-Z") == 0);
	FILE *f = popen("echo one; echo two", "r");
	CHECK(fgets(b, sizeof b, f) && strcmp(b, "one\n") == 0 && fgets(b, sizeof b, f) && pclose(f) == 0);
	f = popen("cat", "w");
	fprintf(f, "through cat\n");
	CHECK(pclose(f) == 0);
	ok("system and popen");
}
