/* What llama.cpp makes of a GGUF file, for comparison with Orca's own engines.
 *
 *   peer MODEL BACKENDS OUT STEPS TOKEN...   decodes the tokens in one batch, then STEPS - 1 more greedily. Writes the
 *                                            logits after every token to OUT, 32-bit floats, one row a token; prints the
 *                                            STEPS tokens chosen.
 *   peer --tokenize MODEL BACKENDS           prints the ids of standard input's texts, each ended by a zero, a line for each,
 *                                            without start tokens.
 *   peer --prompt MODEL BACKENDS             the same of prompts that a chat template wrote, as llama.cpp's server reads them: special
 *                                            tokens by their names, and the start token where the model's file adds one.
 *   peer --quantize MODEL OUT TYPE           writes the model as a file of a type such as Q4_K_M, as llama.cpp mixes encodings in it.
 *   peer --decode BLOCKS OUT ENCODING        decodes a file of blocks, of Q4_K say, to 32-bit floats.
 *
 * One thread, keys and values in 32 bits, no flash attention: what remains is the rounding of its own kernels.
 * Parameter structs go by value through an oversized block whose fields are found by their place; the places are checked
 * against the library's defaults first. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct { int32_t words[128]; } params;
typedef struct {
    int32_t n_tokens; int32_t *token; float *embd; int32_t *pos; int32_t *n_seq_id; int32_t **seq_id; int8_t *logits;
} batch;

void ggml_backend_load_all_from_path(const char *);
void llama_backend_init(void);
void llama_log_set(void (*)(int, const char *, void *), void *);
params llama_model_default_params(void);
params llama_context_default_params(void);
params llama_model_quantize_default_params(void);
uint32_t llama_model_quantize(const char *, const char *, const params *);
void dequantize_row_q4_0(const void *, float *, int64_t);
void dequantize_row_q4_1(const void *, float *, int64_t);
void dequantize_row_q5_0(const void *, float *, int64_t);
void dequantize_row_q5_1(const void *, float *, int64_t);
void dequantize_row_q4_K(const void *, float *, int64_t);
void dequantize_row_q5_K(const void *, float *, int64_t);
void dequantize_row_q6_K(const void *, float *, int64_t);
void *llama_model_load_from_file(const char *, params);
const void *llama_model_get_vocab(const void *);
int32_t llama_vocab_n_tokens(const void *);
int32_t llama_tokenize(const void *, const char *, int32_t, int32_t *, int32_t, bool, bool);
void *llama_init_from_model(void *, params);
batch llama_batch_init(int32_t, int32_t, int32_t);
int32_t llama_decode(void *, batch);
float *llama_get_logits_ith(void *, int32_t);

enum { CONTEXT = 0, BATCH = 1, MICRO_BATCH = 2, SEQUENCES = 3, THREADS = 7, BATCH_THREADS = 8, FLASH = 13, KEY_TYPE = 26, VALUE_TYPE = 27 };
enum { QUANTIZE_THREADS = 0, QUANTIZE_TO = 1, MOSTLY_Q8_0 = 7, MOST_BLOCK_BYTES = 256, MOST_BLOCK_VALUES = 256 };
enum { F32 = 0, F16 = 1, AUTO = -1, OFF = 0, ERRORS = 4 };

static const struct { const char *name; int32_t number; } types[] = {
    { "F16", 1 }, { "Q4_0", 2 }, { "Q4_1", 3 }, { "Q8_0", 7 }, { "Q5_0", 8 }, { "Q5_1", 9 }, { "Q2_K", 10 }, { "Q3_K_M", 12 },
    { "Q4_K_S", 14 }, { "Q4_K_M", 15 }, { "Q5_K_M", 17 }, { "Q6_K", 18 },
};

static const struct { const char *name; int bytes, values; void (*decode)(const void *, float *, int64_t); } encodings[] = {
    { "Q4_0", 18, 32, dequantize_row_q4_0 }, { "Q4_1", 20, 32, dequantize_row_q4_1 },
    { "Q5_0", 22, 32, dequantize_row_q5_0 }, { "Q5_1", 24, 32, dequantize_row_q5_1 },
    { "Q4_K", 144, 256, dequantize_row_q4_K }, { "Q5_K", 176, 256, dequantize_row_q5_K }, { "Q6_K", 210, 256, dequantize_row_q6_K },
};

static void fail(const char *what) {
    fprintf(stderr, "peer: %s\n", what);
    exit(1);
}

static void report(int level, const char *line, void *user) {
    (void)user;
    if (level == ERRORS) fputs(line, stderr);
}

static params context_params(int tokens) {
    params p = llama_context_default_params();
    if (p.words[CONTEXT] != 512 || p.words[BATCH] != 2048 || p.words[MICRO_BATCH] != 512 || p.words[SEQUENCES] != 1
        || p.words[THREADS] < 1 || p.words[THREADS] != p.words[BATCH_THREADS]
        || p.words[FLASH] != AUTO || p.words[KEY_TYPE] != F16 || p.words[VALUE_TYPE] != F16)
        fail("this library's context parameters have another layout; use @node-llama-cpp/linux-x64 3.22.1");
    p.words[CONTEXT] = tokens;
    p.words[THREADS] = p.words[BATCH_THREADS] = 1;
    p.words[FLASH] = OFF;
    p.words[KEY_TYPE] = p.words[VALUE_TYPE] = F32;
    return p;
}

static void decode(void *context, batch b, const int32_t *tokens, int count, int start, int vocabulary, FILE *out) {
    for (int i = 0; i < count; i++) {
        b.token[i] = tokens[i];
        b.pos[i] = start + i;
        b.n_seq_id[i] = 1;
        b.seq_id[i][0] = 0;
        b.logits[i] = 1;
    }
    b.n_tokens = count;
    if (llama_decode(context, b) != 0) fail("it cannot decode the tokens");
    for (int i = 0; i < count; i++)
        if (fwrite(llama_get_logits_ith(context, i), sizeof(float), vocabulary, out) != (size_t)vocabulary) fail("the logits cannot be written");
}

static int32_t best(const float *logits, int vocabulary) {
    int32_t found = 0;
    for (int i = 1; i < vocabulary; i++)
        if (logits[i] > logits[found]) found = i;
    return found;
}

static void tokenize(const void *vocabulary, bool is_prompt) {
    static char text[1 << 20];
    static int32_t ids[1 << 20];
    int length = (int)fread(text, 1, sizeof text, stdin);
    for (int start = 0; start < length; start += (int)strlen(text + start) + 1) {
        int count = llama_tokenize(vocabulary, text + start, (int)strlen(text + start), ids, 1 << 20, is_prompt, is_prompt);
        for (int i = 0; i < count; i++) printf("%d ", ids[i]);
        puts("");
    }
}

static void quantize(const char *model, const char *out, const char *type) {
    params p = llama_model_quantize_default_params();
    if (p.words[QUANTIZE_THREADS] != 0 || p.words[QUANTIZE_TO] != MOSTLY_Q8_0)
        fail("this library's quantisation parameters have another layout; use @node-llama-cpp/linux-x64 3.22.1");
    p.words[QUANTIZE_THREADS] = 1;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strcmp(types[i].name, type) != 0) continue;
        p.words[QUANTIZE_TO] = types[i].number;
        if (llama_model_quantize(model, out, &p) != 0) fail("it cannot quantize the model");
        return;
    }
    fail("there is no such type");
}

static void decode_blocks(const char *blocks, const char *out, const char *encoding) {
    static char block[MOST_BLOCK_BYTES];
    static float values[MOST_BLOCK_VALUES];
    FILE *from = fopen(blocks, "rb"), *to = fopen(out, "wb");
    if (from == NULL || to == NULL) fail("the blocks cannot be read, or the values not written");
    for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++) {
        if (strcmp(encodings[i].name, encoding) != 0) continue;
        while (fread(block, 1, encodings[i].bytes, from) == (size_t)encodings[i].bytes) {
            encodings[i].decode(block, values, encodings[i].values);
            fwrite(values, sizeof(float), encodings[i].values, to);
        }
        if (fclose(to) != 0) fail("the values cannot be written");
        return;
    }
    fail("there is no such encoding");
}

int main(int argc, char **argv) {
    if (argc == 5 && strcmp(argv[1], "--decode") == 0) {
        decode_blocks(argv[2], argv[3], argv[4]);
        return 0;
    }

    bool is_prompt = argc == 4 && strcmp(argv[1], "--prompt") == 0;
    bool tokenizes = is_prompt || (argc == 4 && strcmp(argv[1], "--tokenize") == 0), quantizes = argc == 5 && strcmp(argv[1], "--quantize") == 0;
    if (!tokenizes && !quantizes && argc < 6) fail("give MODEL BACKENDS OUT STEPS TOKEN..., or --tokenize, --prompt, --quantize or --decode with names");
    llama_log_set(report, NULL);
    if (!quantizes) ggml_backend_load_all_from_path(argv[tokenizes ? 3 : 2]);
    llama_backend_init();
    if (quantizes) {
        quantize(argv[2], argv[3], argv[4]);
        return 0;
    }

    void *model = llama_model_load_from_file(argv[tokenizes ? 2 : 1], llama_model_default_params());
    if (model == NULL) fail("it cannot load the model");
    const void *vocab = llama_model_get_vocab(model);
    if (tokenizes) {
        tokenize(vocab, is_prompt);
        return 0;
    }

    int vocabulary = llama_vocab_n_tokens(vocab), steps = atoi(argv[4]), count = argc - 5;
    int32_t *prompt = malloc(sizeof(int32_t) * count);
    for (int i = 0; i < count; i++) prompt[i] = atoi(argv[5 + i]);
    void *context = llama_init_from_model(model, context_params(count + steps));
    FILE *out = fopen(argv[3], "wb");
    if (context == NULL || out == NULL || count > 512) fail("it cannot begin: is the prompt above 512 tokens, or OUT not to be written?");
    batch b = llama_batch_init(512, 0, 1);
    decode(context, b, prompt, count, 0, vocabulary, out);
    int32_t token = best(llama_get_logits_ith(context, count - 1), vocabulary);
    for (int step = 1; step < steps; step++) {
        printf("%d ", token);
        decode(context, b, &token, 1, count + step - 1, vocabulary, out);
        token = best(llama_get_logits_ith(context, 0), vocabulary);
    }
    printf("%d\n", token);
    return fclose(out);
}
