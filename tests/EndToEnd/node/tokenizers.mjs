// Token ids as Hugging Face's own tokenizers give them: the one in Rust, and the one in JavaScript.
// node tokenizers.mjs FILE, where FILE holds [{"tokenizer": {...}, "config": {...}, "texts": ["..."]}]; prints a list of
// {"rust": [[id]], "started": [[id]], "javascript": [[id]] or null, "fault": "..." or null, "texts": ["..."]}.
import { readFileSync } from 'node:fs';
import { Tokenizer as InRust } from 'tokenizers';
import { Tokenizer as InJavaScript } from '@huggingface/tokenizers';

const answers = [];
for (const { tokenizer, config, texts } of JSON.parse(readFileSync(process.argv[2], 'utf8'))) {
  const answer = { rust: [], started: [], javascript: null, fault: null, texts: [] };
  const rust = InRust.fromString(JSON.stringify(tokenizer));
  for (const text of texts) {
    const ids = (await rust.encode(text, null, { addSpecialTokens: false })).getIds();
    answer.rust.push(ids);
    answer.started.push((await rust.encode(text)).getIds());
    answer.texts.push(ids.length === 0 ? '' : await rust.decode(ids, true));
  }

  try {
    const javascript = new InJavaScript(tokenizer, config ?? {});
    answer.javascript = texts.map(text => javascript.encode(text, { add_special_tokens: false }).ids);
  } catch (fault) {
    answer.fault = String(fault);
  }

  answers.push(answer);
}

console.log(JSON.stringify(answers));
