// Writes to its standard streams in every way that there is, the same in each run. Lines with "hidden" go elsewhere.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static void check(int ok, const char *what) {
    if (ok) return;
    perror(what);
    exit(1);
}

static void say(int fd, const char *text) { check(write(fd, text, strlen(text)) == (ssize_t)strlen(text), text); }

static void vectors(void) {
    struct iovec v[] = {{"vec", 3}, {"", 0}, {"tor", 3}, {"s\n", 2}};
    check(writev(1, v, 4) == 8, "writev");
    check(pwritev2(2, v, 4, -1, 0) == 8, "pwritev2");
}

// Redirections like a shell's, and worse.
static void juggle(void) {
    int null = open("/dev/null", O_WRONLY), out = dup(1), err = fcntl(2, F_DUPFD, 100);
    check(null > 2 && out > 2 && err >= 100, "dup");
    dup2(null, 1);
    say(1, "hidden\n");
    say(out, "out by a copy\n");
    dup2(err, 1);
    say(1, "error by number 1\n");
    dup3(out, 2, O_CLOEXEC);
    say(2, "out by number 2\n");
    dup2(out, 1);
    dup2(err, 2);
    say(1, "out again\n");
    say(2, "error again\n");
    close(out);
    int pair[2];
    check(pipe(pair) == 0 && pair[0] == null + 1, "pipe"); // has the numbers that out and err had
    say(pair[1], "hidden\n");
    check(syscall(SYS_close_range, null, ~0u, 0) == 0, "close_range");
    check(write(err, "hidden", 6) == -1, "write to a closed descriptor");
}

static void again(const char *self, const char *mode) {
    fflush(stdout);
    if (fork() == 0) {
        execl(self, self, mode, NULL);
        _exit(9);
    }
    int status;
    check(wait(&status) > 0 && status == 0, "child");
}

// A child has its parent's descriptors, and its own ones from then on.
static void children(const char *self) {
    int open1 = fcntl(1, F_DUPFD, 20), closed = fcntl(1, F_DUPFD_CLOEXEC, 21);
    ioctl(open1, FIOCLEX);
    ioctl(open1, FIONCLEX);
    check(open1 == 20 && closed == 21, "F_DUPFD");
    if (fork() == 0) {
        say(1, "child\n");
        close(1);
        say(2, "child's error\n");
        _exit(0);
    }
    wait(NULL);
    say(1, "parent\n");
    again(self, "descriptors");
    close(open1);
    close(closed);
}

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int whose;

// Threads that write in turn, by number.
static void *writer(void *arg) {
    for (int i = 0; i < 50; i++) {
        pthread_mutex_lock(&turn);
        while (whose != (int)(intptr_t)arg) pthread_cond_wait(&changed, &turn);
        printf("thread %d line %d\n", whose, i);
        if (i % 10 == 0) fprintf(stderr, "thread %d error %d\n", whose, i);
        whose = (whose + 1) % 4;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&turn);
    }
    return NULL;
}

// Writes more than a pipe takes at once.
static char text[1 << 20];
static atomic_int written;

static void *long_writer(void *arg) {
    for (size_t i = 0; i < sizeof text; i++) text[i] = i % 64 == 63 ? '\n' : 'a' + i / 64 % 26;
    for (size_t done = 0; done < sizeof text;) {
        ssize_t n = write(1, text + done, sizeof text - done);
        check(n > 0, "long write");
        memset(text + done, '#', n);
        done += n;
    }
    written = 1;
    return arg;
}

static void threads(void) {
    pthread_t t[4];
    for (intptr_t i = 0; i < 4; i++) pthread_create(&t[i], NULL, writer, (void *)i);
    for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);
    fflush(stdout);

    pthread_create(&t[0], NULL, long_writer, NULL);
    while (!written) usleep(100);
    pthread_join(t[0], NULL);
}

static void opened(void) {
    const char *paths[] = {"/dev/stdout", "/proc/self/fd/2", "/dev/fd/1"};
    for (int i = 0; i < 3; i++) {
        int fd = open(paths[i], O_WRONLY | O_APPEND);
        check(fd > 2, paths[i]);
        dprintf(fd, "by %s\n", paths[i]);
        close(fd);
    }
}

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc > 1) { // what an exec leaves
        for (int fd = 3; fd < 30; fd++)
            if (fcntl(fd, F_GETFD) >= 0) dprintf(fd, "descriptor %d\n", fd);
        return 0;
    }
    printf("printf %d\n", 42);
    fprintf(stderr, "to standard error %s\n", "too");
    vectors();
    juggle();
    children(argv[0]);
    threads();
    opened();
    printf("no end of line");
    fflush(stdout);
    return 0;
}
