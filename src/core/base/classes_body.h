/* What the sets of bits are, in the words of one set of instructions: included by classes.c once for each,
 * which says before what these mean: TARGET, NAMED(name)   of a function BYTES, SET            64 bytes;
 * those of them that are of a class LOAD(p), SMALL(x)     64 bytes; the same with the bit of the case set
 *   IS(x, c), FROM(x, first, n), OR(a, b), BITS(set), HIGH(x) */
TARGET static void NAMED(classes)(sp_classes *out, const uint8_t *p, size_t n)
{
    for (; n > 0; n--, out++, p += SP_BLOCK) {
        const BYTES x = LOAD(p), small = SMALL(x);
        const SET escape = OR(OR(IS(x, '&'), IS(x, '%')), OR(IS(x, '\\'), IS(x, '=')));
        const SET bracket = OR(OR(IS(x, '('), IS(x, '[')), OR(IS(x, '{'), IS(x, '<')));
        out->alpha = BITS(FROM(small, 'a', ALPHABET));
        out->digit = BITS(FROM(x, '0', DECIMAL));
        out->high = HIGH(x);
        out->line = BITS(IS(x, '\n'));
        out->escape = BITS(escape);
        out->bracket = BITS(bracket);
        out->blank = BITS(IS(x, ' '));
        out->d = BITS(IS(small, 'd'));
        out->o = BITS(IS(small, 'o'));
        out->t = BITS(IS(small, 't'));
    }
}

TARGET static void NAMED(marks)(sp_marks *out, const uint8_t *p, size_t n)
{
    for (; n > 0; n--, out++, p += SP_BLOCK) {
        const BYTES x = LOAD(p);
        const SET dot = IS(x, '.'), dash = IS(x, '-'), blank = IS(x, ' ');
        out->digit = BITS(FROM(x, '0', DECIMAL));
        out->alpha = BITS(FROM(SMALL(x), 'a', ALPHABET));
        out->upper = BITS(FROM(x, 'A', ALPHABET));
        out->dot = BITS(dot);
        out->colon = BITS(IS(x, ':'));
        out->dash = BITS(dash);
        out->blank = BITS(blank);
        out->gap = BITS(OR(OR(OR(dot, dash), blank), OR(IS(x, '/'), IS(x, ')'))));
        out->equals = BITS(IS(x, '='));
        out->quote = BITS(OR(IS(x, '"'), IS(x, '\'')));
        out->star = BITS(IS(x, '*'));
        out->join = BITS(OR(IS(x, '@'), IS(x, '+')));
    }
}

TARGET static void NAMED(key_chars)(sp_key_chars *out, const uint8_t *p)
{
    const BYTES x = LOAD(p);
    const SET digit = FROM(x, '0', DECIMAL), alnum = OR(digit, FROM(SMALL(x), 'a', ALPHABET));
    const SET low = OR(OR(FROM(x, '#', 4), FROM(x, '*', 2)), OR(FROM(x, '-', 3), IS(x, '!')));
    const SET high = OR(OR(IS(x, '^'), IS(x, '_')), IS(x, '~'));
    out->key = BITS(OR(alnum, OR(low, high)));
    out->digit = BITS(digit);
    out->stop = BITS(OR(OR(IS(x, ';'), IS(x, '}')), OR(IS(x, ')'), IS(x, '\n')))) | HIGH(x);
}

#undef TARGET
#undef NAMED
#undef BYTES
#undef SET
#undef LOAD
#undef SMALL
#undef IS
#undef FROM
#undef OR
#undef BITS
#undef HIGH
