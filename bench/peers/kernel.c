/* The kernel's own limit: write the same frame to every socket of a room, and nothing else.
 *
 * usage: kernel MEMBERS SECONDS FRAME_BYTES OBJECTS RATE
 * Prints the port, accepts MEMBERS connections, writes frames for SECONDS (RATE rounds a second, or
 * as fast as it can when RATE is 0), prints "writes cpu_us wall_us". OBJECTS > 1 puts that many
 * objects of FRAME_BYTES into one frame, which shows how much the receiving side can take.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t cpu_us(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (int64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 + u.ru_utime.tv_usec +
           u.ru_stime.tv_usec;
}

static size_t make_frame(char **frame, size_t object, int objects) {
    size_t payload = object * objects + objects - 1, head = payload < 126 ? 2 : payload < 65536 ? 4 : 10;
    char *f = malloc(head + payload);
    memset(f + head, 'x', payload);
    for (int i = 1; i < objects; i++) f[head + i * (object + 1) - 1] = '\n';
    f[0] = (char)0x81;
    if (head == 2) {
        f[1] = (char)payload;
    } else {
        int bytes = head == 4 ? 2 : 8;
        f[1] = head == 4 ? 126 : 127;
        for (int i = 0; i < bytes; i++) f[2 + i] = (char)(payload >> (8 * (bytes - 1 - i)));
    }
    *frame = f;
    return head + payload;
}

int main(int argc, char **argv) {
    if (argc != 6) return 2;
    int members = atoi(argv[1]), objects = atoi(argv[4]);
    double seconds = atof(argv[2]), rate = atof(argv[5]);
    char *frame;
    size_t size = make_frame(&frame, (size_t)atoi(argv[3]), objects);

    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof at;
    if (bind(listener, (struct sockaddr *)&at, length) || listen(listener, 1024)) return 3;
    getsockname(listener, (struct sockaddr *)&at, &length);
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);

    int *room = calloc((size_t)members, sizeof *room);
    for (int i = 0; i < members; i++) room[i] = accept(listener, NULL, NULL);
    char go;
    if (read(STDIN_FILENO, &go, 1) != 1) return 4;

    int64_t began = now_ns(), ends = began + (int64_t)(seconds * 1e9), writes = 0, cpu = cpu_us();
    for (int64_t round = 0; now_ns() < ends; round++) {
        if (rate > 0) {
            int64_t due = began + (int64_t)(round / rate * 1e9);
            struct timespec t = {.tv_sec = due / 1000000000, .tv_nsec = due % 1000000000};
            clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
        }
        for (int i = 0; i < members; i++, writes++)
            if (send(room[i], frame, size, MSG_NOSIGNAL) != (ssize_t)size) return 5;
    }
    printf("%lld %lld %lld\n", (long long)writes, (long long)(cpu_us() - cpu),
           (long long)((now_ns() - began) / 1000));
    fflush(stdout);
    return read(STDIN_FILENO, &go, 1) < 0; /* keep the sockets until the reader has counted */
}
