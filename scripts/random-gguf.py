#!/usr/bin/env python3
"""Writes a LLaMA GGUF of random weights, to time engines on: random-gguf.py OUT SIZE FORMAT

SIZE is one of 110m, 1b, 13b, as `orca bench engine --shape` has them; FORMAT one of f32, f16, q8_0, q4_0, q4_K, q5_K, q6_K.
Weights repeat after 2^20 values: the bytes moved and the arithmetic done are those of a real model.
"""
import random
import struct
import sys

SIZES = {  # hidden, feed-forward, layers, heads, key/value heads, vocabulary, context
    "110m": (768, 2048, 12, 12, 12, 32000, 2048),
    "1b": (2048, 5632, 22, 32, 4, 32000, 2048),
    "13b": (5120, 13824, 40, 40, 40, 32000, 4096),
}

# Number of the type, values of a block, its bytes, and its scales: each an fp16 and its place.
FORMATS = {
    "f32": (0, 1, 4, ()),
    "f16": (1, 1, 2, ()),
    "q4_0": (2, 32, 18, ((0.005, 0),)),
    "q8_0": (8, 32, 34, ((0.0003, 0),)),
    "q4_K": (12, 256, 144, ((0.0001, 0), (0.0008, 2))),
    "q5_K": (13, 256, 176, ((0.00005, 0), (0.0008, 2))),
    "q6_K": (14, 256, 210, ((0.00002, 208),)),
}
ALIGNMENT = 32
PERIOD = 1 << 20
TEXT, LIST = 8, 9


def chunk(name):
    _, values, size, scales = FORMATS[name]
    generator = random.Random(0)
    if not scales:
        return struct.pack(f"<{PERIOD}{'f' if name == 'f32' else 'e'}", *(generator.gauss(0, 0.02) for _ in range(PERIOD)))
    blocks = bytearray(generator.randbytes(PERIOD // values * size))
    for start in range(0, len(blocks), size):
        for scale, place in scales:
            struct.pack_into("<e", blocks, start + place, scale)
    return bytes(blocks)


def text(value):
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def metadata(hidden, inner, layers, heads, kv_heads, vocabulary, context):
    def entry(key, kind, payload):
        return text(key) + struct.pack("<I", kind) + payload

    yield entry("general.architecture", TEXT, text("llama"))
    yield entry("general.name", TEXT, text("random"))
    for key, value in (("context_length", context), ("embedding_length", hidden), ("block_count", layers),
                       ("feed_forward_length", inner), ("attention.head_count", heads),
                       ("attention.head_count_kv", kv_heads), ("rope.dimension_count", hidden // heads), ("vocab_size", vocabulary)):
        yield entry("llama." + key, 4, struct.pack("<I", value))
    yield entry("llama.attention.layer_norm_rms_epsilon", 6, struct.pack("<f", 1e-5))
    yield entry("llama.rope.freq_base", 6, struct.pack("<f", 10000.0))
    tokens = ["<unk>", "<s>", "</s>"] + ["<0x%02X>" % b for b in range(256)]
    tokens += ["t%d" % i for i in range(vocabulary - len(tokens))]
    kinds = [2, 3, 3] + [6] * 256 + [1] * (vocabulary - 259)
    yield entry("tokenizer.ggml.model", TEXT, text("llama"))
    yield entry("tokenizer.ggml.tokens", LIST, struct.pack("<IQ", TEXT, vocabulary) + b"".join(map(text, tokens)))
    yield entry("tokenizer.ggml.scores", LIST, struct.pack(f"<IQ{vocabulary}f", 6, vocabulary, *(-float(i) for i in range(vocabulary))))
    yield entry("tokenizer.ggml.token_type", LIST, struct.pack(f"<IQ{vocabulary}i", 5, vocabulary, *kinds))
    yield entry("tokenizer.ggml.bos_token_id", 4, struct.pack("<I", 1))
    yield entry("tokenizer.ggml.eos_token_id", 4, struct.pack("<I", 2))


def tensors(name, hidden, inner, layers, heads, kv_heads, vocabulary):
    keys = hidden // heads * kv_heads
    yield "token_embd.weight", (hidden, vocabulary), name
    for i in range(layers):
        for part, shape in (("attn_norm", (hidden,)), ("attn_q", (hidden, hidden)), ("attn_k", (hidden, keys)), ("attn_v", (hidden, keys)),
                            ("attn_output", (hidden, hidden)), ("ffn_norm", (hidden,)), ("ffn_gate", (hidden, inner)),
                            ("ffn_up", (hidden, inner)), ("ffn_down", (inner, hidden))):
            yield f"blk.{i}.{part}.weight", shape, "f32" if len(shape) == 1 else name
    yield "output_norm.weight", (hidden,), "f32"
    yield "output.weight", (hidden, vocabulary), name


def bytes_of(shape, name):
    values = shape[0] * (shape[1] if len(shape) == 2 else 1)
    return values // FORMATS[name][1] * FORMATS[name][2]


def main(out, size, name):
    hidden, inner, layers, heads, kv_heads, vocabulary, _ = SIZES[size]
    plan = list(tensors(name, hidden, inner, layers, heads, kv_heads, vocabulary))
    entries = list(metadata(*SIZES[size]))
    header, offset = b"", 0
    for tensor, shape, kind in plan:
        header += text(tensor) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, FORMATS[kind][0], offset)
        offset += -(-bytes_of(shape, kind) // ALIGNMENT) * ALIGNMENT
    weights = chunk(name)
    with open(out, "wb") as file:
        file.write(b"GGUF" + struct.pack("<IQQ", 3, len(plan), len(entries)) + b"".join(entries) + header)
        file.write(b"\0" * (-file.tell() % ALIGNMENT))
        for _, shape, kind in plan:
            left = bytes_of(shape, kind)
            if len(shape) == 1:
                file.write(struct.pack(f"<{shape[0]}f", *[1.0] * shape[0]))
                left = 0
            while left:
                left -= file.write(weights[:min(len(weights), left)])
            file.write(b"\0" * (-file.tell() % ALIGNMENT))


if __name__ == "__main__":
    main(*sys.argv[1:])
