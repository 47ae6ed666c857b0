// A client without any library, linked statically: nothing that is preloaded or bind-mounted beside it has a
// say. It opens a session with the bytes it is given, and holds it until its input ends.
//
//   static_client SOCKET MESSAGE-FILE      prints "FD HEX": the first descriptor that came, and the answer
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int connect_to(const char* path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr*)&address, sizeof address) != 0) return -1;
    return fd;
}

// Receives the length and the descriptors that ride on it; returns the first of these, or -1.
static int receive_head(int fd, uint32_t* length) {
    char control[256];
    struct iovec part = {.iov_base = length, .iov_len = sizeof *length};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    if (recvmsg(fd, &message, MSG_WAITALL) != sizeof *length) return -1;
    struct cmsghdr* head = CMSG_FIRSTHDR(&message);
    if (head == NULL || head->cmsg_type != SCM_RIGHTS) return -1;
    int first;
    memcpy(&first, CMSG_DATA(head), sizeof first);
    return first;
}

int main(int argc, char** argv) {
    static unsigned char bytes[1 << 20];
    if (argc != 3) return 2;
    FILE* file = fopen(argv[2], "rb");
    if (file == NULL) return 3;
    uint32_t length = (uint32_t)fread(bytes, 1, sizeof bytes, file);
    int fd = connect_to(argv[1]);
    if (fd < 0 || write(fd, &length, sizeof length) != sizeof length) return 4;
    if (write(fd, bytes, length) != (ssize_t)length) return 5;
    int rings = receive_head(fd, &length);
    if (length > sizeof bytes || recv(fd, bytes, length, MSG_WAITALL) != (ssize_t)length) return 6;
    printf("%d ", rings);
    for (uint32_t i = 0; i < length; i++) printf("%02x", bytes[i]);
    printf("\n");
    fflush(stdout);
    while (getchar() != EOF) {}
    return 0;
}
