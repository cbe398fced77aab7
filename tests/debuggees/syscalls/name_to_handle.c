// Proves: name_to_handle_at: a structure whose size is a field, and the mount id; open_by_handle_at.
#include "../debuggee.h"

int main(void) {
	enter_tmp();
	close(open("f", O_CREAT | O_RDWR, 0600));
	struct {
		struct file_handle h;
		char more[MAX_HANDLE_SZ + 32];
	} x;
	FILL(x);
	int mount = 55;
	x.h.handle_bytes = 0; // too small: the kernel writes the size that it needs
	int r = name_to_handle_at(AT_FDCWD, "f", &x.h, &mount, 0);
	CHECK(r == -1 && (errno == EOVERFLOW || errno == EOPNOTSUPP));
	MIX(x), mix(mount);
	x.h.handle_bytes = MAX_HANDLE_SZ;
	r = name_to_handle_at(AT_FDCWD, "f", &x.h, &mount, 0);
	mix(r), MIX(x), mix(mount);
	if (r == 0) {
		int d = open(".", O_RDONLY), f = open_by_handle_at(d, &x.h, O_RDONLY);
		CHECK(f >= 0 || errno == EPERM);
		mix(f);
	}
	ok("name_to_handle");
	leave_tmp();
}
