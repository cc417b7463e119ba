/** @file phone_plan.h  Calling codes and lengths of numbers (ITU-T E.164 and its list of assigned codes). */
#pragma once
#include "sallyport/base.h"

/** Fewest digits of a number with its code: Saint Helena, the Falklands. */
enum { SP_PHONE_DIGITS_MIN = 7 };

/** Can these digits, without '+', be a number in E.164 form: an assigned calling code and as many digits
 *  after it as its plan has? Bounds are generous where plans are in motion; in code 1 area and exchange
 *  must begin with 2 to 9. */
bool sp_phone_plausible(sp_bytes digits);
