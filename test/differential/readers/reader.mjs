// A second opinion: what JSON.parse makes of a body. One body a line, in base64; one line back: the value in the form that
// readers.py describes, a tab, and what a handler sees; or "refused".
import { createInterface } from 'node:readline';

const quote = (s) => '"' + [...Array(s.length).keys()].map((i) => s.charCodeAt(i).toString(16).padStart(4, '0')).join('') + '"';

function number(x) {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  return '#' + view.getBigUint64(0).toString(16).padStart(16, '0');
}

function write(v) {
  if (v === null || typeof v === 'boolean') return String(v);
  if (typeof v === 'number') return number(v);
  if (typeof v === 'string') return quote(v);
  if (Array.isArray(v)) return '[' + v.map((x) => write(x) + ',').join('') + ']';
  return '{' + Object.keys(v).map((k) => quote(k) + ':' + write(v[k])).sort().join(',') + '}';
}

function read(body) {
  try {
    // As Response.json() and body parsers do: bad bytes become U+FFFD, a leading mark goes.
    const v = JSON.parse(new TextDecoder().decode(body));
    const count = Array.isArray(v?.messages) ? v.messages.length : 0;
    return `${write(v)}\t${quote(String(v?.model ?? ''))} ${v?.stream === true} ${count}`;
  } catch {
    return 'refused';
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(read(Buffer.from(line, 'base64')) + '\n');
}
