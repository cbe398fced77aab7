// Proves: stat, lstat, fstat, newfstatat, statx, statfs, access, utimensat, truncate, links, chmod, umask, mkdir, rename.
#include "../debuggee.h"
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <utime.h>
#include <sys/time.h>

int main(void) {
	enter_tmp();
	struct stat s;
	struct statx x;
	struct statfs f;
	FILL(s), FILL(x), FILL(f);
	CHECK(stat("/proc/self/exe", &s) == 0);
	MIX(s);
	CHECK(symlink("nowhere", "link") == 0 && lstat("link", &s) == 0 && S_ISLNK(s.st_mode));
	MIX(s);
	CHECK(stat("link", &s) == -1 && errno == ENOENT);
	MIX(s);
	int d = open(".", O_PATH | O_DIRECTORY), fd = open("f", O_CREAT | O_RDWR, 0644);
	CHECK(fstat(fd, &s) == 0 && s.st_size == 0);
	MIX(s);
	CHECK(fstatat(d, "f", &s, 0) == 0 && fstatat(fd, "", &s, AT_EMPTY_PATH) == 0);
	MIX(s);
	CHECK(statx(d, "f", AT_STATX_SYNC_AS_STAT, STATX_ALL, &x) == 0);
	MIX(x);
	CHECK(syscall(SYS_stat, "f", &s) == 0 && syscall(SYS_lstat, "f", &s) == 0 && syscall(SYS_fstat, fd, &s) == 0);
	MIX(s);
	ok("stat");
	CHECK(statfs(".", &f) == 0);
	MIX(f);
	CHECK(fstatfs(fd, &f) == 0);
	MIX(f);
	struct statvfs v;
	CHECK(statvfs("/", &v) == 0);
	MIX(v);
	ok("statfs");
	struct timespec ts[2] = {{1000, 5}, {2000, 7}};
	CHECK(futimens(fd, ts) == 0 && fstat(fd, &s) == 0 && s.st_mtim.tv_nsec == 7);
	struct timeval tv[2] = {{1, 2}, {3, 4}};
	CHECK(utimes("f", tv) == 0 && utime("f", NULL) == 0);
	CHECK(truncate("f", 5000) == 0 && ftruncate(fd, 100) == 0 && fallocate(fd, 0, 0, 200) == 0);
	CHECK(fchmod(fd, 0600) == 0 && chmod("f", 0640) == 0 && access("f", R_OK) == 0 && faccessat(d, "f", W_OK, 0) == 0);
	mode_t u = umask(077);
	mix(u), umask(u);
	CHECK(link("f", "g") == 0 && rename("g", "h") == 0 && mkdir("dir", 0700) == 0 && rmdir("dir") == 0);
	CHECK(syscall(SYS_renameat2, d, "f", d, "h", 2 /* exchange */) == 0 || errno == EINVAL);
	CHECK(mkfifo("fifo", 0600) == 0 && chown("f", getuid(), getgid()) == 0);
	CHECK(fsync(fd) == 0 && fdatasync(fd) == 0 && posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0 && readahead(fd, 0, 100) >= -1);
	CHECK(fchdir(d) == 0 && lseek(fd, 0, SEEK_END) >= 100 && lseek(fd, 0, SEEK_HOLE) >= 0);
	ok("changes");
	leave_tmp();
}
