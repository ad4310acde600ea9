/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  tap.h
 * @brief ok, is and done_testing, as in Test::More.
 */

#ifndef CORS_TAP_H
#define CORS_TAP_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int tap_count;
static int tap_failed;

/** Explain a failure. */
static inline void diag(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fputs("# ", stdout);
    vprintf(format, args);
    putchar('\n');
    va_end(args);
}

/** The line of one test, flushed because what follows may crash. Bytes that
 *  would break the line are shown as numbers.
 */
static inline int tap_line(int passed, const char *format, va_list args)
{
    char name[256];
    const unsigned char *s;

    vsnprintf(name, sizeof(name), format, args);
    printf("%sok %d - ", passed ? "" : "not ", ++tap_count);
    for (s = (const unsigned char *)name; *s != '\0'; s++) {
        printf(*s < ' ' || *s > '~' ? "\\x%02x" : "%c", *s);
    }
    putchar('\n');
    fflush(stdout);
    tap_failed += !passed;
    return passed;
}

/** Pass if it is true. Returns it. */
static inline int ok(int passed, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    tap_line(passed, format, args);
    va_end(args);
    return passed;
}

/** Pass if the strings are equal; NULL is equal to NULL only. */
static inline int is(const char *got, const char *expected,
                     const char *format, ...)
{
    int passed = got && expected ? !strcmp(got, expected) : got == expected;
    va_list args;

    va_start(args, format);
    tap_line(passed, format, args);
    va_end(args);
    if (!passed) {
        diag("     got: %s", got ? got : "NULL");
        diag("expected: %s", expected ? expected : "NULL");
    }
    return passed;
}

/** Pass if the numbers are equal. */
static inline int is_number(long got, long expected, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    tap_line(got == expected, format, args);
    va_end(args);
    if (got != expected) {
        diag("     got: %ld", got);
        diag("expected: %ld", expected);
    }
    return got == expected;
}

/** The last line, and what main() returns. */
static inline int done_testing(void)
{
    printf("1..%d\n", tap_count);
    return tap_failed > 0;
}

#endif /* CORS_TAP_H */
