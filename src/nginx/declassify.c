/** Declassifying a request for one candidate: the new bytes take the place of the original, are parsed,
 * scanned and labelled like any other, and are judged by what that gives. The original is kept: it is what
 * every other candidate is asked about, and what goes there. */
#include "ngx_http_sallyport.h"

#include "sallyport/declassify.h"

/** Exchanges what is under way with what is kept. */
static void swap(ngx_http_sallyport_exchange_t *x)
{
    ngx_http_sallyport_view_t *kept = &x->declassified.original;
    const ngx_http_sallyport_view_t now = {x->body, x->request, x->findings, x->labelling, x->pieces};

    x->body = kept->body;
    x->request = kept->request;
    x->findings = kept->findings;
    x->labelling = kept->labelling;
    x->pieces = kept->pieces;
    *kept = now;
}

void ngx_http_sallyport_declassify_undo(ngx_http_sallyport_exchange_t *x)
{
    if (x->declassified.is_on) {
        swap(x);
        x->declassified.is_on = false;
        x->declassified.refused |= UINT32_C(1) << x->declassified.candidate;
    }
}

bool ngx_http_sallyport_declassify(ngx_http_sallyport_exchange_t *x, const sp_question *question,
                                   ngx_http_sallyport_then_pt then)
{
    sp_buf body = SP_BUF_IN(&x->arena.mem);
    sp_declassification what = sp_declassifier_next(question, &x->labelling, x->declassified.refused);

    while (what.declassifier && sp_declassify(&body, &x->request, &x->findings, &what) != SP_OK) {
        x->declassified.refused |= UINT32_C(1) << what.candidate;
        body = SP_BUF_IN(&x->arena.mem);
        what = sp_declassifier_next(question, &x->labelling, x->declassified.refused);
    }
    if (what.declassifier == NULL) {
        return false;
    }
    x->declassified.candidate = what.candidate;
    x->declassified.name = what.declassifier->name;
    x->declassified.original = (ngx_http_sallyport_view_t){.body = sp_buf_bytes(&body)};
    x->declassified.is_on = true;
    swap(x);
    ngx_http_sallyport_label(x, then);
    return true;
}
