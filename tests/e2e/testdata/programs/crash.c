// Dies by SIGSEGV after a handler for another signal ran and some output was written.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t got;

static void on_usr1(int sig) { got = sig; }

int main(void) {
    struct sigaction action = {.sa_handler = on_usr1};
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    printf("signal %d, pid %s\n", got, getpid() > 1 ? "known" : "odd");
    fflush(stdout);
    int *volatile nowhere = (int *)16;
    *nowhere = 1;
    return 0;
}
