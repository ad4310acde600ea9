/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  host.h
 * @brief Hosts as the URL standard serialises them, and what they mean.
 */

#ifndef CORS_HOST_H
#define CORS_HOST_H

#include <apr.h>

/** What a host is by its form. */
typedef enum cors_host_e {
    CORS_HOST_NAME,
    CORS_HOST_IPV4,
    CORS_HOST_IPV6,
    /** an address that is not written as browsers write it */
    CORS_HOST_BAD_IPV4,
    CORS_HOST_BAD_IPV6,
    /** no name either */
    CORS_HOST_BAD
} cors_host_e;

/** Tell what the len bytes at host are; an IPv6 address is in brackets.
 *  A name is labels of 1 to 63 bytes of a-z 0-9 - _ between single dots, one
 *  of which may end it; a host whose last label is a number is an IPv4
 *  address or nothing (URL standard, "ends in a number").
 */
cors_host_e cors_host_kind(const char *host, apr_size_t len);

/** Room for an IPv6 address in brackets, terminated. */
#define CORS_IPV6_SIZE 48

/** Write the IPv6 address as browsers do, brackets and all (URL standard,
 *  "IPv6 serializer").
 *  @return 1, or 0 if the host is no IPv6 address in brackets
 */
int cors_host_ipv6(const char *host, apr_size_t len,
                   char text[CORS_IPV6_SIZE]);

/** Whether browsers take the host for this very machine: localhost, names
 *  below it, 127/8, [::1] (Secure Contexts, "potentially trustworthy").
 */
int cors_host_is_loopback(const char *host, apr_size_t len);

/** Whether anybody can register names below the host: libpsl's own list. */
int cors_host_is_public_suffix(const char *host, apr_size_t len);

#endif /* CORS_HOST_H */
