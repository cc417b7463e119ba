/* What scoring a text costs, on one core.
 *   bench_model INJECTION USE_CASE TEXT [ROUNDS]
 * Prints the least and the median time of each model over the whole file, and per KB. */
#include "bench_help.h"

#include "sallyport/model.h"

enum { ROUNDS_MOST = 4096 };

static void step_injection(const sp_scorer *model, sp_bytes text)
{
    sp_injection found;
    must(sp_model_score_injection(&found, model, text, SP_TEXT_UNTRUSTED) == SP_OK,
         "the injection model does not fit");
}

static void step_use_case(const sp_scorer *model, sp_bytes text)
{
    sp_proposal guess;
    must(sp_model_propose(&guess, model, text) == SP_OK, "the use case model does not fit");
}

static void measure(const char *name, void (*step)(const sp_scorer *, sp_bytes), const sp_scorer *model,
                    sp_bytes text, size_t rounds)
{
    static double took[ROUNDS_MOST];
    for (size_t i = 0; i < rounds; i++) {
        const double from = now_us();
        step(model, text);
        took[i] = now_us() - from;
    }
    qsort(took, rounds, sizeof took[0], by_value);
    printf("%-10s %9.2f us least, %9.2f us median, %6.2f us per KB\n", name, took[0], took[rounds / 2],
           took[rounds / 2] * 1024 / (double)text.n);
}

int main(int argc, char **argv)
{
    must(argc >= 4, "usage: bench_model INJECTION USE_CASE TEXT [ROUNDS]");
    const size_t rounds = argc > 4 ? strtoul(argv[4], NULL, 10) : 1000;
    must(rounds > 0 && rounds <= ROUNDS_MOST, "ROUNDS is 1 to 4096");
    sp_scorer injection, use_case;
    sp_diag diag;
    must(sp_model_load(&injection, read_file(argv[1]), &diag) == SP_OK, diag.text);
    must(sp_model_load(&use_case, read_file(argv[2]), &diag) == SP_OK, diag.text);
    const sp_bytes text = read_file(argv[3]);
    must(text.n > 0, "the text is empty");
    measure("injection", step_injection, &injection, text, rounds);
    measure("use case", step_use_case, &use_case, text, rounds);
    return 0;
}
