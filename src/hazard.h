/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  hazard.h
 * @brief Why an item is too dangerous to be used with credentials.
 */

#ifndef CORS_HAZARD_H
#define CORS_HAZARD_H

#include <apr_pools.h>

#include "origin.h"

/** The first of several hazards. */
int cors_hazard_first(int hazards);

/** The word of CorsTolerate that lifts a hazard. */
const char *cors_hazard_word(int hazard);

/**
 * What is wrong with an item.
 * @param hazard one of CORS_HAZARD_*
 * @param text   the item; what comes back may point into p
 */
cors_remark_t cors_hazard_remark(int hazard, const char *text, apr_pool_t *p);

#endif /* CORS_HAZARD_H */
