// Proves: a script with a shebang line is executed through its interpreter (which is this program itself), and sh scripts.
#include "../debuggee.h"

int main(int argc, char **argv) {
	if (argc > 1) {
		CHECK(strcmp(argv[1], "an argument") == 0 && strstr(argv[2], "script") && argc == 4);
		ok("interpreter");
		return 0;
	}
	enter_tmp();
	char self[200];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	CHECK(n > 0);
	self[n] = 0;
	char path[100];
	snprintf(path, sizeof path, "%s/script", db_dir);
	for (int i = 0; i < 2; i++) {
		FILE *f = fopen(path, "w");
		if (i == 0) fprintf(f, "#!%s an argument\n", self);
		else fprintf(f, "#!/bin/sh -e\necho shell script $1\nfor i in 1 2 3; do (exit $i) || echo status $?; done\n");
		fclose(f);
		chmod(path, 0700);
		pid_t kid = fork();
		if (kid == 0) {
			execl(path, path, "last", NULL);
			_exit(9);
		}
		reap(kid);
	}
	leave_tmp();
	ok("shebang");
}
