// Texts in Unicode's normal forms as Node's own tables have them.
// node normalize.mjs FILE, where FILE holds a list of texts; prints {"unicode": "17.0", "NFC": ["..."], ...}.
import { readFileSync } from 'node:fs';

const texts = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const forms = Object.fromEntries(['NFC', 'NFD', 'NFKC', 'NFKD'].map(form => [form, texts.map(text => text.normalize(form))]));
console.log(JSON.stringify({ unicode: process.versions.unicode, ...forms }));
