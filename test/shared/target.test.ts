import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { readTarget, Target, targetText } from '../../shared/target.ts'

const ssh = (rest: Partial<Target> & { host: string }): Target => ({ scheme: 'ssh', jump: [], ...rest })
const sftp = (rest: Partial<Target> & { host: string }): Target => ({ scheme: 'sftp', jump: [], ...rest })

function target(text: string): Target {
  const reading = readTarget(text)
  if (!reading.ok) throw new Error(`${text}: ${reading.problem}`)
  return reading.target
}

function problem(text: string): string {
  const reading = readTarget(text)
  if (reading.ok) throw new Error(`${text}: ${JSON.stringify(reading.target)}`)
  return reading.problem
}

describe('what a person types', () => {
  test.each<[string, Target]>([
    ['host', ssh({ host: 'host' })],
    ['  Host.Example. ', ssh({ host: 'host.example.' })],
    ['my_box', ssh({ host: 'my_box' })],
    ['user@host:22', ssh({ host: 'host', port: 22, username: 'user' })],
    ['me@corp.example@host', ssh({ host: 'host', username: 'me@corp.example' })],
    ['CORP\\me@host', ssh({ host: 'host', username: 'CORP\\me' })],
    ['[::1]:22', ssh({ host: '::1', port: 22 })],
    ['::1', ssh({ host: '::1' })],
    ['me@2001:DB8:0::7', ssh({ host: '2001:db8::7', username: 'me' })],
    ['fe80::1%eth0', ssh({ host: 'fe80::1%eth0' })],
    ['[host.example]:2222', ssh({ host: 'host.example', port: 2222 })],
    ['192.0.2.7:2222', ssh({ host: '192.0.2.7', port: 2222 })],
    ['127.1', ssh({ host: '127.0.0.1' })],
    ['0x7f.1', ssh({ host: '127.0.0.1' })],
    ['bücher.example', ssh({ host: 'xn--bcher-kva.example' })],
    ['me@日本語。jp', ssh({ host: 'xn--wgv71a119e.jp', username: 'me' })],
    ['host -p 2222 -l me', ssh({ host: 'host', port: 2222, username: 'me' })],
    ['me@host:/var/log', sftp({ host: 'host', username: 'me', path: '/var/log' })],
    ['me@host:/my files', sftp({ host: 'host', username: 'me', path: '/my files' })],
    ["'me@host:/my files'", sftp({ host: 'host', username: 'me', path: '/my files' })],
    ['me@host:docs/a:b@c', sftp({ host: 'host', username: 'me', path: 'docs/a:b@c' })],
    ['host:~', sftp({ host: 'host', path: '.' })],
    ['host:~/docs', sftp({ host: 'host', path: 'docs' })],
    ['host:./22', sftp({ host: 'host', path: '22' })],
    ['[::1]:/tmp', sftp({ host: '::1', path: '/tmp' })],
  ])('%s', (text, wanted) => expect(target(text)).toEqual(wanted))
})

describe('command lines that are pasted', () => {
  const jump = [{ host: 'b', port: 22, username: 'a' }, { host: 'c' }]
  test.each<[string, Target]>([
    ['ssh host', ssh({ host: 'host' })],
    ['ssh ssh', ssh({ host: 'ssh' })],
    ['ssh -p 2222 -l me -J a@b:22,c host', ssh({ host: 'host', port: 2222, username: 'me', jump })],
    ['ssh -vvp2222 me@host -A', ssh({ host: 'host', port: 2222, username: 'me' })],
    ["ssh me@host 'uptime'", ssh({ host: 'host', username: 'me', command: 'uptime' })],
    ['ssh me@host -t tmux attach -t 0', ssh({ host: 'host', username: 'me', command: 'tmux attach -t 0' })],
    ['ssh host \'ls | wc -l; echo "$HOME"\'', ssh({ host: 'host', command: 'ls | wc -l; echo "$HOME"' })],
    ['ssh host "echo \\"hi\\""', ssh({ host: 'host', command: 'echo "hi"' })],
    ['ssh -l first other@host', ssh({ host: 'host', username: 'first' })],
    [
      'ssh -o Port=2222 -o "User me" -oProxyJump=a@b:22,c host',
      ssh({ host: 'host', port: 2222, username: 'me', jump }),
    ],
    ['ssh -o HostName=192.0.2.7 alias', ssh({ host: '192.0.2.7' })],
    ['ssh -o StrictHostKeyChecking=no -4 -C host', ssh({ host: 'host' })],
    ['ssh -J none host', ssh({ host: 'host' })],
    ['ssh -J ssh://a@b:22,c host', ssh({ host: 'host', jump })],
    ['ssh -J [::1]:22 host', ssh({ host: 'host', jump: [{ host: '::1', port: 22 }] })],
    ['ssh ssh://me@host:22', ssh({ host: 'host', port: 22, username: 'me' })],
    ['ssh -- host', ssh({ host: 'host' })],
    ['ssh –p 2222 host', ssh({ host: 'host', port: 2222 })],
    ['$ ssh host', ssh({ host: 'host' })],
    ['me@laptop:~$ ssh me@host', ssh({ host: 'host', username: 'me' })],
    ['[me@laptop ~]$ ssh me@host', ssh({ host: 'host', username: 'me' })],
    ['PS C:\\Users\\me> ssh.exe me@host', ssh({ host: 'host', username: 'me' })],
    ['TERM=xterm-256color /usr/bin/ssh host', ssh({ host: 'host' })],
    ['ssh -p 2222 \\\n  host\n', ssh({ host: 'host', port: 2222 })],
    ['sftp host', sftp({ host: 'host' })],
    ['sftp -P 2222 me@host:/path', sftp({ host: 'host', port: 2222, username: 'me', path: '/path' })],
    [
      'sftp -P 2222 -J c "me@host:my files"',
      sftp({ host: 'host', port: 2222, username: 'me', jump: [{ host: 'c' }], path: 'my files' }),
    ],
  ])('%s', (text, wanted) => expect(target(text)).toEqual(wanted))

  test('a key or a configuration file that is named is noted, since a page cannot read it', () => {
    const reading = readTarget('ssh -i ~/.ssh/work -F mine -o IdentityFile=b host')
    expect(reading.ok && reading.notes.map((note) => /“(.+?)”/.exec(note)?.[1])).toEqual(['~/.ssh/work', 'mine', 'b'])
  })
})

describe('addresses', () => {
  test.each<[string, Target]>([
    ['ssh://me@host:22/', ssh({ host: 'host', port: 22, username: 'me' })],
    ['SSH://host', ssh({ host: 'host' })],
    ['ssh://[::1]:2222', ssh({ host: '::1', port: 2222 })],
    ['ssh://b%C3%BCcher.example', ssh({ host: 'xn--bcher-kva.example' })],
    ['ssh://me%40corp;fingerprint=ssh-ed25519-a1@host', ssh({ host: 'host', username: 'me@corp' })],
    ['web+ssh://me@host:2222', ssh({ host: 'host', port: 2222, username: 'me' })],
    ['sftp://me@host/path', sftp({ host: 'host', username: 'me', path: '/path' })],
    ['sftp://host/~/a%20b', sftp({ host: 'host', path: 'a b' })],
    ['sftp://host/', sftp({ host: 'host' })],
    ['web+sftp://host/~', sftp({ host: 'host', path: '.' })],
  ])('%s', (text, wanted) => expect(target(text)).toEqual(wanted))
})

describe('what is wrong is said', () => {
  test.each<[string, RegExp]>([
    ['', /Name a host/],
    ['   ', /Name a host/],
    ['$ ', /cannot hold|Name a host/],
    ['host:0', /“0” is not a port.*1 to 65535/],
    ['host:65536', /“65536” is not a port/],
    ['ssh -p 22x host', /“22x” is not a port/],
    ['ssh -p "" host', /port is missing/],
    ['ssh://host:port', /“port” is not a port/],
    ['host:', /a port or a path is missing/],
    ['@host', /user name before @ is missing/],
    ['me@', /name of the host is missing/],
    ['ho st', /“ho st” has a space/],
    ['me@ho\u00a0st', /has a space/],
    ['ho!st', /cannot hold “!”/],
    ['ho/st', /cannot hold “\/”/],
    ['ho%41st', /cannot hold “%”/],
    ['a..b', /empty part/],
    [`${'a'.repeat(64)}.example`, /too long/],
    ['256.1.1.1', /“256.1.1.1” is not an IPv4 address/],
    ['1.2.3.4.5', /is not an IPv4 address/],
    ['[::1', /bracket .* not closed/],
    ['::1]:22', /bracket .* not opened/],
    ['[::1]22', /After \] only a colon/],
    ['[::g]', /“::g” is not an IPv6 address/],
    ['1:2:3', /is not an IPv6 address/],
    ['host:22:33', /more than one colon/],
    ['me:secret@host', /Leave the password out/],
    ['ssh://me:secret@host', /Leave the password out/],
    ['ssh -J a:b@c host', /Leave the password out/],
    ['http://host', /http:\/\/ is an address of the web/],
    ['HTTPS://host/', /is an address of the web/],
    ['telnet://host', /not encrypted/],
    ['gopher://host', /not known here/],
    ['ssh://host/etc', /has no path.*sftp/],
    ['sftp://host/a?b#c', /leave out “\?b#c”/],
    ['sftp://host/%zz', /not well encoded/],
    ['ssh', /Name a host after ssh/],
    ['sftp -P 22', /Name a host after sftp/],
    ['ssh -L 8080:localhost:80 host', /^-L forwards ports/],
    ['ssh -fNR 80:a:80 host', /^-N opens no shell/],
    ['ssh -D1080 host', /^-D forwards/],
    ['ssh -W a:22 host', /^-W/],
    ['ssh -o LocalForward="80 a:80" host', /^-o LocalForward forwards/],
    ['ssh -o "ProxyCommand=nc %h %p" host', /-J/],
    ['ssh -o nonsense host', /-o wants a keyword/],
    ['ssh -z host', /ssh has no option -z/],
    ['ssh --help', /ssh has no option --/],
    ['ssh -p', /-p wants a value/],
    ['ssh host:/etc', /no path.*sftp/],
    ['ssh -J b:/x host', /not a host to go through/],
    [`ssh -J ${Array.from({ length: 9 }, (_, at) => `h${at}`).join(',')} host`, /At most 8/],
    ["ssh host 'ls", /quotation that begins with ' has no end/],
    ['ssh host; ls', /leave out “; ls”/],
    ['ssh host | less', /leave out “\| less”/],
    ['ssh host\nssh other', /several lines/],
    ['ssh -oProxyCommand=calc', /-J/],
    ['ssh -- -oProxyCommand=calc', /does not begin with a hyphen/],
    ['-oProxyCommand=calc', /cannot hold|hyphen/],
    ['sftp host:/a b', /one too many/],
    ['sftp -b script host', /^-b reads commands/],
    ['sftp -p 2222 host', /-P, with a capital letter/],
    ['scp a me@host:', /scp copies files/],
    ['mosh me@host', /mosh is not SSH/],
    ['C:\\Users', /path of Windows/],
    ['me\u0007@host', /cannot be typed/],
  ])('%j', (text, wanted) => {
    expect(problem(text)).toMatch(wanted)
  })

  test('a text that is far too long', () => expect(problem('a'.repeat(70_001))).toMatch(/too long/))

  test('a problem quotes one short line and no control character', () => {
    const said = problem(`${'x'.repeat(300)} \u001b[31m\u202e`)
    expect(said.length).toBeLessThan(160)
    expect(said).not.toMatch(/[\p{Cc}\u202e]/u)
  })
})

describe('the text of a target', () => {
  test.each<[string, string]>([
    ['ssh me@host', 'me@host'],
    ['ssh ssh', 'ssh ssh'],
    ['ssh://[::1]:22', '[::1]:22'],
    ['ssh -p 2222 -J a@b:22,c me@host', 'ssh -p 2222 -J a@b:22,c me@host'],
    ["ssh host 'uptime'", 'ssh host uptime'],
    ['sftp me@host', 'sftp me@host'],
    ['sftp://me@host/path', 'me@host:/path'],
    ['sftp -P 22 me@host:/a', 'sftp://me@host:22/a'],
    ['sftp://me@host:22/~/a', 'sftp -P 22 me@host:a'],
    ['host:./22', 'host:./22'],
    ['ssh -l a:b host', 'ssh -l a:b host'],
  ])('%s is written %s', (text, wanted) => expect(targetText(target(text))).toBe(wanted))
})

/** mulberry32, so that a failure can be had again. */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

test('no text makes it throw, and what is read fits the schema and is read back from its text', () => {
  const next = chance(2)
  const pieces = [
    ...[
      'ssh',
      'sftp',
      'host',
      'me',
      'a.b',
      '::1',
      '[::1]',
      '127.1',
      'bücher',
      '://',
      'web+',
      '@',
      ':',
      ' ',
      '/',
      '~',
      '.',
      ',',
    ],
    ...[
      "'",
      '"',
      '\\',
      '\n',
      '-p',
      '-P',
      '-l',
      '-J',
      '-o',
      '-i',
      '-t',
      '--',
      'Port=22',
      'User=',
      '22',
      '70000',
      '%',
      '%20',
      '%zz',
    ],
    ...['$ ', '|', ';', '#', '?', '\0', '\ud800', '\u202e', '💥', 'xn--', 'xn--bcher-kva', '=', 'ProxyJump=none', 'é'],
  ]
  let read = 0
  for (let round = 0; round < 30_000; round++) {
    const text = Array.from(
      { length: 1 + Math.floor(next() * 9) },
      () => pieces[Math.floor(next() * pieces.length)],
    ).join('')
    const reading = readTarget(text)
    if (!reading.ok) {
      expect(reading.problem, JSON.stringify(text)).toMatch(/^\S.{5,}\.$/)
      continue
    }
    read++
    expect(v.is(Target, reading.target), JSON.stringify(text)).toBe(true)
    const written = targetText(reading.target)
    const again = readTarget(written)
    expect(again.ok && again.target, `${JSON.stringify(text)} → ${written}`).toEqual(reading.target)
  }
  expect(read).toBeGreaterThan(300)
})
