/** Declassifying a request for one candidate: the new bytes take the place of the original, are parsed,
 * scanned and labelled like any other, and are judged by what that gives. The original is kept: it is what
 * every other candidate is asked about, and what goes there. */
#include "ngx_http_sallyport.h"

#include "sallyport/declassify.h"

static ngx_http_sallyport_view_t view_of(const ngx_http_sallyport_exchange_t *x)
{
    return (ngx_http_sallyport_view_t){x->body,      x->request, x->findings,      x->proposals,
                                       x->labelling, x->pieces,  x->reading.status};
}

static void put(ngx_http_sallyport_exchange_t *x, const ngx_http_sallyport_view_t *view)
{
    x->body = view->body;
    x->request = view->request;
    x->findings = view->findings;
    x->proposals = view->proposals;
    x->labelling = view->labelling;
    x->pieces = view->pieces;
    x->reading.status = view->status;
}

void ngx_http_sallyport_declassify_undo(ngx_http_sallyport_exchange_t *x)
{
    ngx_http_sallyport_declassified_t *d = &x->declassified;

    if (d->is_on) {
        d->here->view = view_of(x);
        put(x, &d->original);
        d->is_on = false;
        d->refused |= UINT32_C(1) << d->candidate;
    }
}

/** What a declassifier made of the original, now or before; NULL: memory is short. Where it made nothing the
 * view's status says so. */
static ngx_http_sallyport_made_t *made_by(ngx_http_sallyport_exchange_t *x, const sp_declassification *what)
{
    sp_buf body = SP_BUF_IN(&x->arena.mem);
    ngx_http_sallyport_made_t *made = x->declassified.made;

    while (made && made->by != what->declassifier) {
        made = made->next;
    }
    if (made) {
        return made;
    }
    made = sp_alloc(&x->arena.mem, 1, sizeof *made);
    if (made) {
        *made = (ngx_http_sallyport_made_t){.by = what->declassifier, .next = x->declassified.made};
        made->view.status = sp_declassify(&body, &x->request, &x->findings, what);
        made->view.body = sp_buf_bytes(&body);
        x->declassified.made = made;
    }
    return made;
}

static void put_declassified(ngx_http_sallyport_exchange_t *x, ngx_http_sallyport_made_t *made,
                             ngx_http_sallyport_then_pt then)
{
    x->declassified.original = view_of(x);
    x->declassified.here = made;
    x->declassified.is_on = true;
    put(x, &made->view);
    if (made->is_read) {
        then(x);
        return;
    }
    made->is_read = true;
    ngx_http_sallyport_label(x, then);
}

bool ngx_http_sallyport_declassify(ngx_http_sallyport_exchange_t *x, const sp_question *question,
                                   ngx_http_sallyport_then_pt then)
{
    sp_declassification what = sp_declassifier_next(question, &x->labelling, x->declassified.refused);

    while (what.declassifier) {
        ngx_http_sallyport_made_t *made = made_by(x, &what);
        x->declassified.candidate = what.candidate;
        if (made && made->view.status == SP_OK) {
            put_declassified(x, made, then);
            return true;
        }
        x->declassified.refused |= UINT32_C(1) << what.candidate;
        what = sp_declassifier_next(question, &x->labelling, x->declassified.refused);
    }
    return false;
}
