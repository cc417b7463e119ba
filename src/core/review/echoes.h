/** @file echoes.h  What an answer says that its request held. Private to the review. */
#pragma once
#include "sallyport/review.h"

/** Is this value, found as this class, one of the request's? Never without a list. */
bool sp_echoes__has(const sp_echoes *echoes, unsigned class, sp_bytes value);
