// Uses a library of its own, one that it loads by name, and files that it reads and maps.
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

unsigned portable_sum(const unsigned char *data, unsigned long n);

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    int fd = open(argv[1], O_RDONLY);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) return 3;
    const unsigned char *data = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED) return 4;
    printf("mapped %ld %08x\n", (long)st.st_size, portable_sum(data, st.st_size));

    char text[100] = "";
    FILE *file = fopen(argv[2], "r");
    if (!file || !fgets(text, sizeof text, file)) return 5;
    fclose(file);
    printf("read %s", text);

    void *plugin = dlopen("libplugin.so", RTLD_NOW);
    if (!plugin) return fprintf(stderr, "%s\n", dlerror()), 6;
    int (*answer)(void) = (int (*)(void))dlsym(plugin, "answer");
    printf("plugin %d\n", answer());
    return 0;
}
