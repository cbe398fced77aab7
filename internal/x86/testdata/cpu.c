// Executes single instructions for the tests of the decoder, and tells what the processor did.
//
// A request on standard input is the state before: code, registers, flags. The answer on standard output
// is the state after: the signal that ended the instruction (SIGTRAP if it was executed), registers,
// flags, and the memory it could use. The instruction runs alone, by the trap flag. Its bytes end with an
// executable page; it gets a fetch fault there if it is longer than the request says. Data is one page,
// of which the instruction sees the last bytes, between two pages without access.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/ucontext.h>
#include <unistd.h>

enum { PAGE = 4096, WINDOW = 128 };

static uint8_t *const code = (uint8_t *)0x100000000000;
static uint8_t *const data = (uint8_t *)0x200000000000;

struct request {
    uint64_t regs[16]; // in the order of their numbers
    uint64_t flags;
    uint8_t code[16];
    uint8_t window[WINDOW]; // the last bytes of the data page
    uint64_t length;        // of code
    uint64_t protection;    // of the data page: PROT_...
};

struct answer {
    uint64_t regs[16];
    uint64_t flags;
    uint64_t rip; // relative to the instruction
    uint64_t signal, code, address, error;
    uint8_t window[WINDOW];
    uint64_t other; // sum of the rest of the data page
};

// What the assembly names must be global.
struct request request;
static struct answer answer;
uint64_t saved_rsp;
uint64_t target;
uint64_t selectors[2]; // cs, ss
static uint8_t *alias;        // the code page, writable
_Alignas(64) uint8_t vectors[8192];

extern void run(void), resume(void);

__asm__(".text\n"
        "run:\n"
        "  pushq %rbx; pushq %rbp; pushq %r12; pushq %r13; pushq %r14; pushq %r15\n"
        "  movq %rsp, saved_rsp(%rip)\n"
        "  movl $0xe7, %eax; xorl %edx, %edx\n" // x87, SSE, AVX, AVX-512
        "  xrstor64 vectors(%rip)\n"
        "  pushq selectors+8(%rip)\n"
        "  pushq request+4*8(%rip)\n"
        "  pushq request+16*8(%rip)\n"
        "  pushq selectors(%rip)\n"
        "  pushq target(%rip)\n"
        "  leaq request(%rip), %rax\n"
        "  movq 8(%rax), %rcx; movq 16(%rax), %rdx; movq 24(%rax), %rbx; movq 40(%rax), %rbp\n"
        "  movq 48(%rax), %rsi; movq 56(%rax), %rdi; movq 64(%rax), %r8; movq 72(%rax), %r9\n"
        "  movq 80(%rax), %r10; movq 88(%rax), %r11; movq 96(%rax), %r12; movq 104(%rax), %r13\n"
        "  movq 112(%rax), %r14; movq 120(%rax), %r15; movq (%rax), %rax\n"
        "  iretq\n"
        "resume:\n"
        "  pushq $0x202; popfq\n" // sigreturn leaves NT as it is, with which iretq faults
        "  popq %r15; popq %r14; popq %r13; popq %r12; popq %rbp; popq %rbx\n"
        "  ret\n");

static void handler(int signal, siginfo_t *info, void *context)
{
    static const int order[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                  REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
    greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;
    for (int i = 0; i < 16; i++)
        answer.regs[i] = g[order[i]];
    answer.flags = g[REG_EFL];
    answer.rip = g[REG_RIP] - target;
    answer.signal = signal;
    answer.code = info->si_code;
    answer.address = (uint64_t)info->si_addr;
    answer.error = g[REG_ERR];
    g[REG_RIP] = (greg_t)resume;
    g[REG_RSP] = saved_rsp;
    g[REG_EFL] = 0x202;
}

static void must(int ok)
{
    if (!ok)
        exit(errno ? errno : 1);
}

static void transfer(ssize_t (*f)(int, void *, size_t), int fd, void *buffer, size_t length)
{
    for (size_t done = 0; done < length;) {
        ssize_t n = f(fd, (char *)buffer + done, length - done);
        if (n <= 0)
            exit(n != 0);
        done += n;
    }
}

// confine lets the instruction make no system call but those of this program.
static void confine(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 7),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_read, 6, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 5, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigreturn, 4, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 2, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    must(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    must(!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
}

int main(void)
{
    enum { BATCH = 256 };
    static struct request requests[BATCH];
    static struct answer answers[BATCH];

    int fd = memfd_create("code", 0);
    must(fd >= 0 && !ftruncate(fd, PAGE));
    must(mmap(code, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, fd, 0) == code);
    alias = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    must(alias != MAP_FAILED);
    must(mmap(data, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == data);

    static uint8_t stack[1 << 16];
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    must(!sigaltstack(&alternate, 0));
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    static const int signals[] = {SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV, SIGSYS};
    for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++)
        must(!sigaction(signals[i], &action, 0));
    __asm__("mov %%cs, %0; mov %%ss, %1" : "=r"(selectors[0]), "=r"(selectors[1]));

    // Vector registers get arbitrary values; of the header, all components are present.
    __asm__("xsave64 %0" : "=m"(vectors) : "a"(0xe7), "d"(0));
    for (unsigned i = 160; i < 160 + 256; i++)
        vectors[i] = i * 37 ^ i >> 3;
    for (unsigned i = 576; i < 2688; i++)
        vectors[i] = i * 29 ^ i >> 2;
    memset(vectors + 1088 + 8, 0xff, 32); // k1 to k4: no element is masked
    uint64_t present;
    memcpy(&present, vectors + 512, 8);
    uint32_t xcr0;
    __asm__("xgetbv" : "=a"(xcr0) : "c"(0) : "edx");
    present = xcr0 & 0xe7;
    memcpy(vectors + 512, &present, 8);

    confine();
    int protection = PROT_READ | PROT_WRITE;
    for (;;) {
        uint64_t count;
        transfer(read, 0, &count, sizeof count);
        must(count <= BATCH);
        transfer(read, 0, requests, count * sizeof *requests);
        for (uint64_t n = 0; n < count; n++) {
            request = requests[n];
            memset(&answer, 0, sizeof answer);
            if (protection != (PROT_READ | PROT_WRITE))
                must(!mprotect(data, PAGE, PROT_READ | PROT_WRITE));
            memset(data, 0, PAGE);
            memcpy(data + PAGE - WINDOW, request.window, WINDOW);
            protection = request.protection;
            if (protection != (PROT_READ | PROT_WRITE))
                must(!mprotect(data, PAGE, protection));
            uint64_t at = PAGE - request.length;
            memcpy(alias + at, request.code, request.length);
            target = (uint64_t)code + at;
            request.flags |= 0x2;
            run();
            if (protection & PROT_READ) {
                memcpy(answer.window, data + PAGE - WINDOW, WINDOW);
                for (int i = 0; i < PAGE - WINDOW; i += 8)
                    answer.other += *(uint64_t *)(data + i);
            }
            answers[n] = answer;
        }
        transfer((ssize_t(*)(int, void *, size_t))write, 1, answers, count * sizeof *answers);
    }
}
