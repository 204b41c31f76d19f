/* Addresses as text, as the C library writes them. */
#include "preload/socket_name.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

TestSuite(socket_name);

Test(socket_name, text_ends_where_there_is_no_room)
{
    char room[8];
    struct text text = text_in_sigsafe(room, sizeof(room));

    text_add_sigsafe(&text, "ab");
    text_number_sigsafe(&text, 0, 10);
    cr_assert_str_eq(room, "ab0");
    text_number_sigsafe(&text, 0xffffffffffffffff, 16);
    cr_assert_str_eq(room, "ab0ffff");
}

/* A datagram's socket is connected without anybody there. */
static void name_of(const struct sockaddr *address, socklen_t size, char *name, size_t room)
{
    int fd = socket(address->sa_family, SOCK_DGRAM, 0);

    if (fd < 0 || connect(fd, address, size) != 0)
        cr_skip_test("no network of that kind here");
    cr_assert(socket_name_sigsafe(fd, name, room));
    close(fd);
}

Test(socket_name, a_peer_of_version_4)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(53)};
    char name[100];

    address.sin_addr.s_addr = htonl(0x7f000102);
    name_of((struct sockaddr *)&address, sizeof(address), name, sizeof(name));
    cr_assert_str_eq(name, "udp 127.0.1.2:53");
}

Test(socket_name, a_peer_of_version_6)
{
    static const char *const hosts[] = {"::1", "::ffff:127.0.0.1"};
    char name[100], expected[100];

    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(53)};
        cr_assert_eq(inet_pton(AF_INET6, hosts[i], &address.sin6_addr), 1);
        name_of((struct sockaddr *)&address, sizeof(address), name, sizeof(name));
        snprintf(expected, sizeof(expected), i ? "udp 127.0.0.1:53" : "udp [::1]:53");
        cr_assert_str_eq(name, expected);
    }
}

/* Without a network, from what a socket is bound to. */
Test(socket_name, hosts_are_written_as_ever)
{
    static const char *const hosts[] = {
        "1:2:3:4:5:6:7:8", "::",        "1::", "::8", "1:0:0:4::8", "1::4:0:0:8:9",
        "1:0:3:4:5:6:7:8", "fe80::a:b",
    };
    char name[100], expected[100], text[INET6_ADDRSTRLEN];

    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        struct in6_addr address;
        cr_assert_eq(inet_pton(AF_INET6, hosts[i], &address), 1);
        struct text to = text_in_sigsafe(name, sizeof(name));
        socket_name_host6_sigsafe(&to, address.s6_addr16);
        inet_ntop(AF_INET6, &address, text, sizeof(text));
        snprintf(expected, sizeof(expected), "[%s]", text);
        cr_assert_str_eq(name, expected);
    }
}

Test(socket_name, without_an_address_there_is_no_name)
{
    char name[10] = "x";
    int pair[2];

    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    cr_assert_not(socket_name_sigsafe(pair[0], name, sizeof(name)));
    cr_assert_str_eq(name, "");
    cr_assert_not(socket_name_sigsafe(-1, name, sizeof(name)));
}
