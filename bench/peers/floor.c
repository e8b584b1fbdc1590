/*
 * The floor: broadcasting rooms with as little work per delivery as TCP over loopback allows, in one thread. It is a
 * yardstick and no chat server: it checks nothing, bounds nothing, stores nothing.
 *   floor PORT write    one write for each message and member
 *   floor PORT gather   all messages that were read in one round of epoll go out in one write for each member
 * It serves the load generator alone, which sends the sample key of RFC 6455: that spares a SHA-1 here.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_FDS 131072
#define MAX_ROOMS 4096
#define MAX_CONTENT 7000

struct bytes {
  char *at;
  size_t length, room;
};

struct connection {
  int fd, room, slot, joined;
  struct bytes in, out;
  char prefix[400];
  int prefix_length;
};

struct room {
  int *members, count, room;
  struct bytes waiting;
};

static struct connection *connections[MAX_FDS];
static struct room rooms[MAX_ROOMS];
static int room_count, epoll, gather;
static unsigned long long message_count;

static void append(struct bytes *to, const char *from, size_t length) {
  if (to->length + length + 1 > to->room) to->at = realloc(to->at, to->room = (to->length + length + 1) * 2);
  memcpy(to->at + to->length, from, length);
  to->length += length;
  to->at[to->length] = 0;
}

static void watch(int operation, int fd, uint32_t events) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  epoll_ctl(epoll, operation, fd, &event);
}

static void send_bytes(struct connection *c, const char *from, size_t length) {
  if (!c->out.length) {
    ssize_t sent = send(c->fd, from, length, MSG_NOSIGNAL);
    if (sent == (ssize_t)length) return;
    if (sent > 0) from += sent, length -= sent;
    watch(EPOLL_CTL_MOD, c->fd, EPOLLIN | EPOLLOUT);
  }
  append(&c->out, from, length);
}

static void send_rest(struct connection *c) {
  ssize_t sent = send(c->fd, c->out.at, c->out.length, MSG_NOSIGNAL);
  if (sent > 0) memmove(c->out.at, c->out.at + sent, c->out.length -= sent);
  if (!c->out.length) watch(EPOLL_CTL_MOD, c->fd, EPOLLIN);
}

static void drop(struct connection *c) {
  if (c->joined) {
    struct room *r = &rooms[c->room];
    int last = r->members[--r->count];
    r->members[c->slot] = last;
    if (connections[last]) connections[last]->slot = c->slot;
  }
  connections[c->fd] = NULL;
  close(c->fd);
  free(c->in.at);
  free(c->out.at);
  free(c);
}

static void flush(struct room *r) {
  if (!r->waiting.length) return;
  for (int i = 0; i < r->count; i++) send_bytes(connections[r->members[i]], r->waiting.at, r->waiting.length);
  r->waiting.length = 0;
}

/* The content goes on as it came, still escaped, between what is known before. */
static void on_message(struct connection *c, char *text, size_t length) {
  char *content = memmem(text, length, "\"content\":", 10), middle[160], head[4];
  if (!content || length > MAX_CONTENT) return;
  content += 10;
  size_t content_length = text + length - content;
  int middle_length = sprintf(middle,
                              "00000000-0000-4000-8000-%012llx\",\"timestamp\":\"2026-01-01T00:00:00.000Z\",\"content\":",
                              ++message_count);
  size_t payload = c->prefix_length + middle_length + content_length;
  int head_length = payload < 126 ? 2 : 4;
  head[0] = (char)0x81;
  head[1] = payload < 126 ? payload : 126;
  head[2] = payload >> 8;
  head[3] = payload;
  struct bytes *to = &rooms[c->room].waiting;
  append(to, head, head_length);
  append(to, c->prefix, c->prefix_length);
  append(to, middle, middle_length);
  append(to, content, content_length);
  if (!gather) flush(&rooms[c->room]);
}

static void on_request(struct connection *c) {
  char *text = c->in.at, *end = strstr(text, "\r\n\r\n"), answer[600], body[128];
  if (!end) return;
  if (!strcasestr(text, "upgrade: websocket")) {
    char *length = strcasestr(text, "content-length:");
    if (length && text + c->in.length < end + 4 + atol(length + 15)) return;
    int n = sprintf(body, "{\"id\":\"room%d\"}", room_count < MAX_ROOMS - 1 ? room_count++ : room_count);
    n = sprintf(answer, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", n, body);
    c->in.length = 0;
    send_bytes(c, answer, n);
    return;
  }
  char user[80] = "", name[80] = "";
  sscanf(text, "GET /ws/room%d/%79[^? ]?username=%79[^& ]", &c->room, user, name);
  if (c->room < 0 || c->room >= room_count) return drop(c);
  c->prefix_length = snprintf(c->prefix, sizeof c->prefix,
                              "{\"type\":\"message\",\"user_id\":\"%s\",\"username\":\"%s\",\"avatar_url\":"
                              "\"https://ui-avatars.com/api/?name=User\",\"id\":\"",
                              user, name);
  struct room *r = &rooms[c->room];
  if (r->count == r->room) r->members = realloc(r->members, sizeof(int) * (r->room = r->room * 2 + 16));
  c->slot = r->count;
  r->members[r->count++] = c->fd;
  c->joined = 1;
  free(c->in.at);
  c->in = (struct bytes){0};
  const char *accept = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
  send_bytes(c, accept, strlen(accept));
}

/* Takes the whole frames; answers how many bytes they had. */
static size_t take_frames(struct connection *c, char *at, size_t length) {
  size_t done = 0;
  while (length - done >= 6) {
    uint8_t *frame = (uint8_t *)at + done;
    size_t head = 2, payload = frame[1] & 127;
    if (payload == 126) payload = frame[2] << 8 | frame[3], head = 4;
    if (length - done < head + 4 + payload) break;
    uint8_t *mask = frame + head, *text = mask + 4;
    for (size_t i = 0; i < payload; i++) text[i] ^= mask[i & 3];
    if ((frame[0] & 15) == 1) on_message(c, (char *)text, payload);
    done += head + 4 + payload;
  }
  return done;
}

static void on_readable(struct connection *c) {
  static char read_buffer[1 << 18];
  ssize_t n = read(c->fd, read_buffer, sizeof read_buffer);
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0) return drop(c);
  if (!c->joined) {
    append(&c->in, read_buffer, n);
    return on_request(c);
  }
  if (!c->in.length) {
    size_t done = take_frames(c, read_buffer, n);
    if (done < (size_t)n) append(&c->in, read_buffer + done, n - done);
    return;
  }
  append(&c->in, read_buffer, n);
  size_t done = take_frames(c, c->in.at, c->in.length);
  memmove(c->in.at, c->in.at + done, c->in.length -= done);
}

static void accept_all(int listener) {
  for (int fd, one = 1; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
    if (fd >= MAX_FDS) {
      close(fd);
      continue;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    connections[fd] = calloc(1, sizeof(struct connection));
    connections[fd]->fd = fd;
    watch(EPOLL_CTL_ADD, fd, EPOLLIN);
  }
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  gather = !strcmp(argv[2], "gather");
  signal(SIGPIPE, SIG_IGN);
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons(atoi(argv[1])),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(listener, (void *)&address, sizeof address) || listen(listener, 4096)) {
    perror("floor");
    return 1;
  }
  epoll = epoll_create1(0);
  watch(EPOLL_CTL_ADD, listener, EPOLLIN);
  for (;;) {
    struct epoll_event events[512];
    int n = epoll_wait(epoll, events, 512, -1);
    for (int i = 0; i < n; i++) {
      int fd = events[i].data.fd;
      if (fd == listener) {
        accept_all(listener);
        continue;
      }
      if (connections[fd] && events[i].events & EPOLLOUT) send_rest(connections[fd]);
      if (connections[fd] && events[i].events & ~EPOLLOUT) on_readable(connections[fd]);
    }
    if (gather) for (int i = 0; i < room_count; i++) flush(&rooms[i]);
  }
}
