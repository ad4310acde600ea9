/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  seldom.h
 * @brief What few requests run is kept out of the way of what all run.
 */

#ifndef CORS_SELDOM_H
#define CORS_SELDOM_H

/** Before a function: it is not made part of those that call it. Else each of
 *  them would save registers, and guard its stack, for its sake.
 */
#define CORS_SELDOM __attribute__((cold, noinline))

/** Before a function that is not rare, but whose callers do better without it.
 */
#define CORS_APART __attribute__((noinline))

/** Before a function that most requests run: what it calls is made part of it,
 *  but for the rare.
 */
#define CORS_OFTEN __attribute__((flatten, noinline))

#endif /* CORS_SELDOM_H */
