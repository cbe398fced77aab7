// As little as a program can be: no libc, a few system calls, one read and one write. Its recording is a few
// kilobytes, so that a thousand damaged copies of it can be verified.
static long call(long number, long a, long b, long c) {
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
    return result;
}

static char buffer[64];

void _start(void) {
    long n = call(0, 0, (long)buffer, sizeof buffer); // read
    long pid = call(39, 0, 0, 0);                     // getpid
    for (int i = 0; i < 20; i++) call(110, 0, 0, 0);  // getppid
    if (n > 0) call(1, 1, (long)buffer, n);           // write
    call(231, pid > 0 ? 0 : 1, 0, 0);                 // exit_group
    __builtin_unreachable();
}
