package syscalls

import "golang.org/x/sys/unix"

// memoryCalls are the address space.
var memoryCalls = []row{
	{9, "mmap", addressSpace, "addr len prot flags fd offset", nil},
	{10, "mprotect", addressSpace, "addr len prot", nil},
	{11, "munmap", addressSpace, "addr len", nil},
	{12, "brk", addressSpace, "addr", nil},
	{25, "mremap", addressSpace, "addr len new_size flags new_addr*", nil},
	{28, "madvise", addressSpace, "addr len advice", nil},
	{26, "msync", noEffect, "addr len flags", nil},
	{27, "mincore", writes, "addr len pages*", does{inout(2, pages(1))}},
	{149, "mlock", noEffect, "addr len", nil},
	{325, "mlock2", noEffect, "addr len flags", nil},
	{150, "munlock", noEffect, "addr len", nil},
	{151, "mlockall", noEffect, "flags", nil},
	{152, "munlockall", noEffect, "", nil},
	{462, "mseal", noEffect, "addr len flags", nil},
	{237, "mbind", noEffect, "addr len mode nodes* max_node flags", nil},
	{238, "set_mempolicy", noEffect, "mode nodes* max_node", nil},
	{239, "get_mempolicy", writes, "policy* nodes* max_node addr flags", does{out(0, anInt), out(1, nodemask(2))}},
	{256, "migrate_pages", noEffect, "pid max_node old* new*", nil},
	{279, "move_pages", writes, "pid count pages* nodes* status* flags", does{inout(4, litems(1, 4))}},
	{450, "set_mempolicy_home_node", noEffect, "addr len node flags", nil},

	{216, "remap_file_pages", unsupported(unix.ENOSYS), "addr size prot page flags", nil},
	{323, "userfaultfd", unsupported(unix.ENOSYS), "flags", nil},
	{329, "pkey_mprotect", unsupported(unix.ENOSYS), "addr len prot key", nil},
	{330, "pkey_alloc", unsupported(unix.ENOSYS), "flags rights", nil},
	{331, "pkey_free", unsupported(unix.ENOSYS), "key", nil},
	{453, "map_shadow_stack", absent, "addr size flags", nil},
	{154, "modify_ldt", unsupported(unix.ENOSYS), "func buf* count", nil},
}

// systemCalls are the machine as a whole, what only its administrator may do, and what is gone.
var systemCalls = []row{
	{63, "uname", writes, "name*", does{out(0, utsname)}},
	{99, "sysinfo", writes, "info*", does{out(0, sysinfoBuf)}},
	{103, "syslog", byCommand(Modelled, syslogs), "type buf* len", nil},
	{318, "getrandom", writes, "buf* count flags", does{filled(0, bytes(1), 1)}},
	{153, "vhangup", noEffect, "", nil},
	{170, "sethostname", noEffect, "name* len", nil},
	{171, "setdomainname", noEffect, "name* len", nil},

	{169, "reboot", unsupported(unix.EPERM), "magic magic2 cmd arg*", nil},
	{172, "iopl", unsupported(unix.EPERM), "level", nil},
	{173, "ioperm", unsupported(unix.EPERM), "from count on", nil},
	{175, "init_module", unsupported(unix.EPERM), "image* len params*", nil},
	{313, "finit_module", unsupported(unix.EPERM), "fd params* flags", nil},
	{176, "delete_module", unsupported(unix.EPERM), "name* flags", nil},
	{246, "kexec_load", unsupported(unix.EPERM), "entry* count segments* flags", nil},
	{320, "kexec_file_load", unsupported(unix.EPERM), "fd initrd len cmdline* flags", nil},
	{298, "perf_event_open", unsupported(unix.ENOSYS), "attr* pid cpu fd flags", nil},
	{321, "bpf", unsupported(unix.EPERM), "cmd attr* size", nil},

	// Traps of the kernel's own, not for programs
	{335, "uretprobe", absent, "", nil},
	{336, "uprobe", absent, "", nil},

	// Gone from the kernel, or never in it
	{134, "uselib", absent, "path", nil},
	{156, "_sysctl", absent, "args*", nil},
	{174, "create_module", absent, "", nil},
	{177, "get_kernel_syms", absent, "", nil},
	{178, "query_module", absent, "", nil},
	{180, "nfsservctl", absent, "", nil},
	{181, "getpmsg", absent, "", nil},
	{182, "putpmsg", absent, "", nil},
	{183, "afs_syscall", absent, "", nil},
	{184, "tuxcall", absent, "", nil},
	{185, "security", absent, "", nil},
	{205, "set_thread_area", absent, "", nil},
	{211, "get_thread_area", absent, "", nil},
	{214, "epoll_ctl_old", absent, "", nil},
	{215, "epoll_wait_old", absent, "", nil},
	{236, "vserver", absent, "", nil},
}

var calls = build(fileCalls, netCalls, processCalls, memoryCalls, systemCalls)
