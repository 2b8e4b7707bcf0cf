// Writes src/Model/Tokenization/Unicode/unicode.txt from the Unicode tables of the Node that runs it:
//   node scripts/unicode-tables.mjs > src/Model/Tokenization/Unicode/unicode.txt
// What the lines mean stands in UnicodeTable.cs. Numbers are hexadecimal.

const LAST = 0x10ffff;
const hex = number => number.toString(16).toUpperCase();
const points = text => Array.from(text, character => character.codePointAt(0));
const listed = text => points(text).map(hex).join(' ');
const all = function* () {
  for (let code = 0; code <= LAST; code++) {
    // Half characters cannot be normalised; Hangul syllables are composed by arithmetic.
    if (!(code >= 0xd800 && code <= 0xdfff) && !(code >= 0xac00 && code <= 0xd7a3)) yield [code, String.fromCodePoint(code)];
  }
};

console.log(`# Unicode ${process.versions.unicode}, made by scripts/unicode-tables.mjs`);
const decomposed = new Set();
for (const [code, character] of all()) {
  const canonical = character.normalize('NFD');
  if (canonical !== character) {
    decomposed.add(code);
    const parts = points(canonical);
    const first = String.fromCodePoint(...parts.slice(0, -1)).normalize('NFC');
    const last = String.fromCodePoint(parts.at(-1));
    const composes = character.normalize('NFC') === character && points(first).length === 1 && (first + last).normalize('NFC') === character;
    console.log(composes ? `${hex(code)}=${hex(first.codePointAt(0))} ${hex(last.codePointAt(0))}` : `${hex(code)}-${listed(canonical)}`);
  }
}

for (const [code, character] of all()) {
  const compatible = character.normalize('NFKD');
  if (compatible !== character.normalize('NFD')) console.log(`${hex(code)}~${listed(compatible)}`);
}

// Only the order of combining classes matters: two marks change places where the first one's class is the higher.
const goesBehind = (one, other) => (one + other).normalize('NFD') === other + one;
const LOWEST = '\u0338', HIGHEST = '\u0345';
const classes = [];
for (const [code, character] of all()) {
  if (decomposed.has(code) || !/\p{M}/u.test(character)) continue;
  if (!goesBehind(HIGHEST, character) && !goesBehind(character, LOWEST) && character !== HIGHEST) continue;
  const same = classes.find(members => !goesBehind(members[0], character) && !goesBehind(character, members[0]));
  if (same) same.push(character); else classes.push([character]);
}

classes.sort((one, other) => (goesBehind(one[0], other[0]) ? 1 : -1));
classes.forEach((members, index) => console.log(`@${hex(index + 1)} ${members.map(member => hex(member.codePointAt(0))).join(' ')}`));

for (const script of ['Arabic', 'Armenian', 'Bengali', 'Cyrillic', 'Devanagari', 'Ethiopic', 'Georgian', 'Greek', 'Gujarati', 'Gurmukhi', 'Han', 'Hangul',
  'Hebrew', 'Hiragana', 'Kannada', 'Katakana', 'Khmer', 'Lao', 'Latin', 'Malayalam', 'Mongolian', 'Myanmar', 'Sinhala', 'Tamil', 'Telugu', 'Thai', 'Tibetan']) {
  const belongs = new RegExp(`^\\p{Script=${script}}$`, 'u');
  const ranges = [];
  for (const [code, character] of function* () { for (let code = 0; code <= LAST; code++) yield [code, String.fromCodePoint(code)]; }()) {
    if (!belongs.test(character)) continue;
    if (ranges.length > 0 && ranges.at(-1)[1] === code - 1) ranges.at(-1)[1] = code; else ranges.push([code, code]);
  }

  console.log(`${script}: ${ranges.map(([first, last]) => (first === last ? hex(first) : `${hex(first)}-${hex(last)}`)).join(' ')}`);
}
