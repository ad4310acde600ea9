/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  origin.h
 * @brief Origins as browsers send them, and the hosts in them.
 *
 * An origin is compared in its serialised form (HTML, "serialization of an
 * origin"; URL standard, "host serializer"): scheme, host and port, in lower
 * case, without the scheme's default port.
 */

#ifndef CORS_ORIGIN_H
#define CORS_ORIGIN_H

#include <apr_pools.h>

/** Limits in bytes; the last is the longest origin with a port. */
#define CORS_SCHEME_MAX 64
#define CORS_HOST_MAX   253
#define CORS_LABEL_MAX  63
#define CORS_ORIGIN_MAX (CORS_SCHEME_MAX + 3 + CORS_HOST_MAX + 6)

/** The parts of an origin, inside its string. */
typedef struct cors_origin_t {
    const char *text;
    apr_size_t len;
    apr_size_t scheme_len;
    /** where the host begins, and where it ends: at the port, if any */
    apr_size_t host;
    apr_size_t host_end;
} cors_origin_t;

/**
 * Parse an Origin header's value.
 * @param origin points into text, which stays the caller's
 * @return 1 if it is scheme://host[:port] as browsers serialise it, else 0
 */
int cors_origin_parse(cors_origin_t *origin, const char *text);

/** Whether a value is a serialised origin: scheme://host[:port], "null", or
 *  what some app shells send, "file://" and "app://.".
 */
int cors_origin_is_serialised(const char *text);

/** The port that an origin names, or its scheme's default, or 0. */
int cors_origin_port(const cors_origin_t *origin);

/** The default port of http and https, 0 for any other scheme. */
int cors_scheme_port(const char *scheme, apr_size_t len);

/** The number of a port written in digits; above 65535 if it is too large. */
int cors_port_number(const char *digits);

/** What a host is by its form. */
typedef enum cors_host_e {
    CORS_HOST_NAME,
    CORS_HOST_IPV4,
    CORS_HOST_IPV6,
    /** an address that is not in the form that browsers send */
    CORS_HOST_BAD_IPV4,
    CORS_HOST_BAD_IPV6,
    CORS_HOST_BAD
} cors_host_e;

/** Classify a host. A name is labels of 1 to 63 bytes of a-z 0-9 - _ between
 *  single dots, one of which may end it. A host whose last label is a number
 *  is an IPv4 address or nothing (URL standard, "ends in a number"). An IPv6
 *  address is in brackets.
 */
cors_host_e cors_host_kind(const char *host, apr_size_t len);

/** Room for an IPv6 address in brackets, terminated. */
#define CORS_IPV6_SIZE 48

/** Write an IPv6 address as browsers do, with its brackets (URL standard,
 *  "IPv6 serializer").
 *  @return 1, or 0 if the host is not an IPv6 address in brackets
 */
int cors_host_ipv6(const char *host, apr_size_t len,
                   char text[CORS_IPV6_SIZE]);

/** Whether a host is localhost, a name below it, 127/8 or [::1] (Secure
 *  Contexts, "potentially trustworthy origin").
 */
int cors_host_is_loopback(const char *host, apr_size_t len);

/** Whether anyone on the network can alter the pages of an origin: its scheme
 *  is http, and its host is not loopback.
 */
int cors_origin_is_insecure(const cors_origin_t *origin);

/** Load the system's newest public suffix list until p is cleared. Without
 *  this call every name counts as registrable.
 */
void cors_suffixes_load(apr_pool_t *p);

/** Which list is loaded and its date, in words, in p. */
const char *cors_suffixes_version(apr_pool_t *p);

/** Whether a rule of the list says that anyone can register names directly
 *  below the host.
 */
int cors_host_is_public_suffix(const char *host, apr_size_t len);

/** The length of the registrable domain that a host ends in, 0 if it has
 *  none: it is a public suffix, or an address.
 */
apr_size_t cors_host_domain(const char *host, apr_size_t len);

#endif /* CORS_ORIGIN_H */
