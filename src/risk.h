/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  risk.h
 * @brief The properties of an allowed origin that make credentials unsafe.
 */

#ifndef CORS_RISK_H
#define CORS_RISK_H

/** Bits; CORS_RISKS is their number. */
#define CORS_RISK_LOOSE_REGEX     0x01
#define CORS_RISK_INSECURE_ORIGIN 0x02
#define CORS_RISK_PUBLIC_SUFFIX   0x04
#define CORS_RISK_NULL_ORIGIN     0x08
#define CORS_RISK_EXPRESSION      0x10
#define CORS_RISKS                5

/** Risks that deserve a warning even without credentials. */
#define CORS_RISK_WARNED (CORS_RISK_PUBLIC_SUFFIX | CORS_RISK_LOOSE_REGEX)

typedef struct cors_risk_t {
    int bit;
    /** the word of CorsTolerate */
    const char *word;
    /** why it is unsafe with credentials: a sentence without its full stop */
    const char *danger;
    /** what else can be written, NULL if only removing the item helps */
    const char *remedy;
} cors_risk_t;

/** All of them, in the order of their bits. A loose expression comes first,
 * because its scheme may be unknown.
 */
extern const cors_risk_t cors_risks[CORS_RISKS];

/** The first of several risks in that order; risks must not be 0. */
const cors_risk_t *cors_risk_first(int risks);

#endif /* CORS_RISK_H */
