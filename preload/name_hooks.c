/*
 * Looking up names of hosts and services. Its own file because what is waited for there, files
 * and servers, is behind modules of the C library's.
 */
#include "preload/hooked.h"
#include "preload/wait_hooks.h"

#include <netdb.h>
#include <sys/socket.h>

#define REAL_FUNCTIONS(X)                                                                          \
    X(int, getaddrinfo, (const char *, const char *, const struct addrinfo *, struct addrinfo **)) \
    X(int, getnameinfo,                                                                            \
      (const struct sockaddr *, socklen_t, char *, socklen_t, char *, socklen_t, int))             \
    X(struct hostent *, gethostbyname, (const char *))                                             \
    X(struct hostent *, gethostbyname2, (const char *, int))                                       \
    X(struct hostent *, gethostbyaddr, (const void *, socklen_t, int))                             \
    X(int, gethostbyname_r,                                                                        \
      (const char *, struct hostent *, char *, size_t, struct hostent **, int *))                  \
    X(int, gethostbyname2_r,                                                                       \
      (const char *, int, struct hostent *, char *, size_t, struct hostent **, int *))             \
    X(int, gethostbyaddr_r,                                                                        \
      (const void *, socklen_t, int, struct hostent *, char *, size_t, struct hostent **, int *))
HOOK_TABLE(name_hooks_init)

#define LOOK_UP(call)          \
    PASS_UNLESS_WATCHED(call); \
    WAIT_IN(TRACE_WAIT_NAME_LOOKUP, 0, 0, 0, call)

PROFINJECT_API int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                               struct addrinfo **found)
{
    FIND(getaddrinfo);
    LOOK_UP(real.getaddrinfo(host, service, hints, found));
}

PROFINJECT_API int getnameinfo(const struct sockaddr *address, socklen_t length, char *host,
                               socklen_t host_size, char *service, socklen_t service_size,
                               int flags)
{
    FIND(getnameinfo);
    LOOK_UP(real.getnameinfo(address, length, host, host_size, service, service_size, flags));
}

PROFINJECT_API struct hostent *gethostbyname(const char *host)
{
    FIND(gethostbyname);
    LOOK_UP(real.gethostbyname(host));
}

PROFINJECT_API struct hostent *gethostbyname2(const char *host, int family)
{
    FIND(gethostbyname2);
    LOOK_UP(real.gethostbyname2(host, family));
}

PROFINJECT_API struct hostent *gethostbyaddr(const void *address, socklen_t length, int family)
{
    FIND(gethostbyaddr);
    LOOK_UP(real.gethostbyaddr(address, length, family));
}

PROFINJECT_API int gethostbyname_r(const char *host, struct hostent *entry, char *room, size_t size,
                                   struct hostent **found, int *error)
{
    FIND(gethostbyname_r);
    LOOK_UP(real.gethostbyname_r(host, entry, room, size, found, error));
}

PROFINJECT_API int gethostbyname2_r(const char *host, int family, struct hostent *entry, char *room,
                                    size_t size, struct hostent **found, int *error)
{
    FIND(gethostbyname2_r);
    LOOK_UP(real.gethostbyname2_r(host, family, entry, room, size, found, error));
}

PROFINJECT_API int gethostbyaddr_r(const void *address, socklen_t length, int family,
                                   struct hostent *entry, char *room, size_t size,
                                   struct hostent **found, int *error)
{
    FIND(gethostbyaddr_r);
    LOOK_UP(real.gethostbyaddr_r(address, length, family, entry, room, size, found, error));
}
