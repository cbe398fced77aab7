// Proves: exec that fails (ENOENT, EACCES, ENOEXEC, ENOTDIR, E2BIG, EFAULT) leaves the program as it was.
#include "../debuggee.h"

int main(void) {
	enter_tmp();
	char *args[] = {"x", NULL};
	int f = open("text", O_CREAT | O_WRONLY, 0600);
	CHECK(write(f, "not a program\n", 14) == 14);
	close(f);
	CHECK(execv("/no/such/program", args) == -1 && errno == ENOENT);
	CHECK(execv("./text", args) == -1 && errno == EACCES);
	CHECK(chmod("text", 0700) == 0 && execv("./text", args) == -1 && errno == ENOEXEC);
	CHECK(execv("./text/x", args) == -1 && errno == ENOTDIR);
	CHECK(execv("/", args) == -1 && errno == EACCES);
	f = open("bad", O_CREAT | O_WRONLY, 0700);
	CHECK(write(f, "#!/no/such/interpreter\n", 23) == 23);
	close(f);
	CHECK(execv("./bad", args) == -1 && errno == ENOENT);
	CHECK(syscall(SYS_execve, 8, args, NULL) == -1 && errno == EFAULT);
	static char big[200000];
	memset(big, 'x', sizeof big - 1);
	char *huge[] = {"x", big, NULL}; // one string over 128 kB
	CHECK(execv("/bin/true", huge) == -1 && errno == E2BIG);
	int st = system("./text >/dev/null 2>&1");
	CHECK(WEXITSTATUS(st) == 127);
	ok("exec_fail");
	leave_tmp();
}
