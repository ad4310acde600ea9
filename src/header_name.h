/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  header_name.h
 * @brief Header names that make no sense in a policy.
 */

#ifndef CORS_HEADER_NAME_H
#define CORS_HEADER_NAME_H

/** Whether browsers never let a script set this request header, and so never
 *  ask for it (Fetch, "forbidden request-header").
 */
int cors_header_is_never_asked(const char *name);

/** Whether scripts never see this response header, exposed or not (Fetch,
 *  "forbidden response-header name").
 */
int cors_header_is_never_exposed(const char *name);

/** Whether the name may begin with "Access-Control-": all letters are for the
 *  caller to compare. "Accept", "Accept-Ranges" and the like, which most
 *  messages have, are told apart by their fifth letter.
 */
static inline int cors_header_may_be_access(const char *name)
{
    return (name[0] | 0x20) == 'a' && name[1] && name[2] && name[3]
           && (name[4] | 0x20) == 's';
}

/** Whether the name is "Origin", case aside. Every request asks, so it costs
 *  half a call.
 */
static inline int cors_header_is_origin(const char *name)
{
    return (name[0] | 0x20) == 'o' && (name[1] | 0x20) == 'r'
           && (name[2] | 0x20) == 'i' && (name[3] | 0x20) == 'g'
           && (name[4] | 0x20) == 'i' && (name[5] | 0x20) == 'n'
           && name[6] == '\0';
}

/** mod_cors' own six response headers; NULL ends the list. */
extern const char *const cors_header_ours[];

/** Whether the name is one of them. */
int cors_header_is_ours(const char *name);

#endif /* CORS_HEADER_NAME_H */
