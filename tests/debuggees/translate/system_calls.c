// Proves: what system calls leave in registers within larger blocks: rcx is the address after the call, r11 the flags, everything
// else stays, arithmetic flags and the direction flag too; several in a block, in loops, behind jumps; and vsyscalls.
#include "snippets.h"

// getpid, and rcx and r11 as they must be; rax becomes 0
#define PID "mov $39, %eax\n syscall\n"
SNIPPET("rcx and r11", "cmp %rdx, %rbx\n" PID "1: lea 1b(%rip), %rdx\n sub %rdx, %rcx\n and $0xcd5, %r11d\n mov $0, %eax");
SNIPPET("flags stay", "stc\n mov $39, %eax\n syscall\n setc %r8b\n cmp %r9, %r9\n mov $39, %eax\n syscall\n sete %r9b\n pushfq\n pop %r10\n and $0xcd5, %r10d\n and $0xcd5, %r11d\n xor %ecx, %ecx\n mov $0, %eax");
SNIPPET("direction flag stays", "std\n" PID "pushfq\n pop %rdx\n lodsb\n movzbl %al, %eax\n cld\n and $0xcd5, %edx\n and $0xcd5, %r11d\n xor %ecx, %ecx");
SNIPPET("in a loop", "mov $50, %r12d\n1: add %r12, %r8\n" PID "mov %eax, %eax\n cmp %r13, %rax\n mov %rax, %r13\n adc $0, %r9\n dec %r12d\n jnz 1b\n xor %eax, %eax\n xor %ecx, %ecx\n xor %r13d, %r13d\n and $1, %r9d\n xor %r9d, %r9d\n and $0xcd5, %r11d");
SNIPPET("jump behind it", "xor %ebx, %ebx\n jmp 1f\n2: inc %ebx\n cmp $4, %ebx\n je 3f\n1: mov $39, %eax\n syscall\n jmp 2b\n3: xor %eax, %eax\n xor %ecx, %ecx\n and $0xcd5, %r11d");
SNIPPET("jump to it", "mov $39, %eax\n lea 1f(%rip), %rdx\n jmp *%rdx\n ud2\n1: syscall\n lea 2f(%rip), %rdx\n sub %rdx, %rcx\n xor %eax, %eax\n2: and $0xcd5, %r11d");
SNIPPET("called", "mov $5, %r12d\n1: call 3f\n dec %r12d\n jnz 1b\n jmp 2f\n3: mov $39, %eax\n syscall\n ret\n2: xor %eax, %eax\n xor %ecx, %ecx\n and $0xcd5, %r11d");
SNIPPET("unknown number", "mov $0x7fffffff, %eax\n syscall\n mov %rax, %rdx\n mov $-1, %rax\n syscall\n xor %ecx, %ecx\n and $0xcd5, %r11d");
SNIPPET("read into the stack", "mov %rsi, %rbx\n xor %eax, %eax\n mov $-1, %edi\n lea -64(%rsp), %rsi\n mov $9, %edx\n syscall\n mov %rax, %r8\n mov $96, %eax\n lea -64(%rsp), %rdi\n xor %esi, %esi\n syscall\n mov %rax, %r9\n movq $0, -64(%rsp)\n movq $0, -56(%rsp)\n xor %ecx, %ecx\n and $0xcd5, %r11d");
SNIPPET("rsp is none of its business", "mov %rsp, %rbx\n mov $0x1234567, %esp\n" PID "mov %rsp, %rdx\n mov %rbx, %rsp\n xor %eax, %eax\n xor %ecx, %ecx\n and $0xcd5, %r11d");
#define VTIME "mov $0xffffffffff600400, %rbx\n"
SNIPPET("vsyscall: call", "lea -64(%rsi), %rdi\n xor %edi, %edi\n" VTIME "call *%rbx\n test %rax, %rax\n setg %r8b\n xor %eax, %eax\n xor %ecx, %ecx\n and $0xcd5, %r11d");
SNIPPET("vsyscall: memory", VTIME "mov %rbx, 8(%rsi)\n xor %edi, %edi\n mov $6, %r12d\n1: call *8(%rsi)\n test %rax, %rax\n setg %r8b\n dec %r12d\n jnz 1b\n xor %eax, %eax\n xor %ecx, %ecx\n and $0xcd5, %r11d");
SNIPPET("vsyscall: tail", VTIME "xor %edi, %edi\n stc\n call 1f\n setc %r9b\n jmp 2f\n1: jmp *%rbx\n2: xor %eax, %eax\n xor %ecx, %ecx\n and $0xcd5, %r11d");
SNIPPET("vsyscall: ret to it", VTIME "xor %edi, %edi\n lea 1f(%rip), %rax\n push %rax\n push %rbx\n ret\n ud2\n1: xor %eax, %eax\n xor %ecx, %ecx\n and $0xcd5, %r11d");
SNIPPET("vsyscall: its middle", "mov $0xffffffffff600403, %rbx\n call *%rbx");

static int gone;
static int vsyscall_gone(const char *name) { return gone && strncmp(name, "vsyscall", 8) == 0; }

int main(void) {
	FILE *f = fopen("/proc/self/maps", "r");
	char line[400];
	gone = 1;
	while (f && fgets(line, sizeof line, f))
		if (strstr(line, "[vsyscall]")) gone = 0;
	if (f) fclose(f);
	unsettled = vsyscall_gone;
	run_snippets();
	ok("system_calls");
}
