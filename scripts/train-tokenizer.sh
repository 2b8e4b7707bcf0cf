#!/usr/bin/env bash
# Trains the tokenizer of the embedded student and puts it into src/Model/Embedded/tokenizer.model.
#
#   scripts/train-tokenizer.sh [FILE...]
#
# Needs spm_train (Debian and Ubuntu: apt-get install sentencepiece) and the .NET SDK. The corpus is made of the built-in
# reasoning tasks and of the FILEs with general English (JSON, TSV or plain text). The committed model was trained with
# the 120 task files of Natural Instructions and the chain-of-thought TSVs of FLAN:
#
#   scripts/train-tokenizer.sh natural_instructions/tasks/*.json flan_v2/cot_data/*.tsv
#
# Digits are split, but a number's first digit takes the space before it along; brackets join nothing but an item's number,
# as in "2)". In the committed model those nine pieces were put in the places of its last nine merges, without training it
# again. Students trained with another tokenizer do not fit the new one.
set -euo pipefail

vocabulary=${VOCABULARY:-2048}
questions=${QUESTIONS_PER_FAMILY:-4000}
seed=${SEED:-7}
bytes_per_folder=${BYTES_PER_FOLDER:-4000000}

here=$(cd "$(dirname "$0")" && pwd)
files=()
for file in "$@"; do files+=("$(realpath "$file")"); done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" # the model keeps the names of its input files

${DOTNET:-dotnet} run "$here/tokenizer-corpus.cs" -- "$questions" "$seed" "$bytes_per_folder" "${files[@]}" > corpus.txt

symbols=$'\n,▁-'
for bracket in '(' ')' '[' ']' '{' '}' '<' '>'; do symbols+=",$bracket,▁$bracket"; done
for digit in 0 1 2 3 4 5 6 7 8 9; do symbols+=",▁$digit"; done
for item in 1 2 3 4 5 6 7 8 9; do symbols+=",▁$item)"; done
ascii=$(printf "$(printf '\\%03o' $(seq 33 126))" | tr -d '()[]{}<>')
echo "$ascii" >> corpus.txt # every visible character is a piece

spm_train --input=corpus.txt --model_prefix=tokenizer --model_type=bpe --vocab_size="$vocabulary" \
    --byte_fallback=true --character_coverage=0.9995 --required_chars="$ascii" \
    --normalization_rule_name=identity --remove_extra_whitespaces=false --allow_whitespace_only_pieces=true --split_digits=true \
    --max_sentence_length=100000 --unk_id=0 --bos_id=1 --eos_id=2 --pad_id=-1 \
    --control_symbols='<|system|>,<|user|>,<|assistant|>' --user_defined_symbols="$symbols" \
    --minloglevel=2
cp tokenizer.model "$here/../src/Model/Embedded/tokenizer.model"
echo "$(wc -l < corpus.txt) lines in; $(sha256sum < tokenizer.model | cut -c1-16) $here/../src/Model/Embedded/tokenizer.model"
