import { expect, it } from 'vitest'
import {
  canonicalHost,
  fileName,
  isLocal,
  knownHostId,
  patternsFit,
  placeOf,
} from '../../../pwa/model/knownHostsName.ts'

it('A-HK-03 a host has one name: case, trailing dot, IPv6 and its zone, IDN, short addresses', () => {
  const cases: [string, string][] = [
    ['Example.COM.', 'example.com'],
    ['[2001:DB8:0:0::1]', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
    ['[FE80::1%eth0]', 'fe80::1%eth0'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['192.168.1', '192.168.0.1'],
    ['0x7f.1', '127.0.0.1'],
    ['under_score', 'under_score'],
    ['not a name!', 'not a name!'],
  ]
  expect(cases.map(([from]) => canonicalHost(from))).toEqual(cases.map(([, to]) => to))
})

it('gives a host one id over all relays, but a local one for each', () => {
  expect(knownHostId('Example.COM.', 22, 'a')).toBe('example.com:22')
  expect(knownHostId('example.com', 22, 'b')).toBe('example.com:22')
  expect(knownHostId('2001:DB8::1', 2222, 'a')).toBe('[2001:db8::1]:2222')
  for (const local of [
    'localhost',
    '127.0.0.1',
    '127.1',
    '::1',
    'box.localhost',
    'fe80::1',
    'fe80::1%eth0',
    '169.254.1.1',
  ]) {
    expect(isLocal(canonicalHost(local))).toBe(true)
    expect(knownHostId(local, 22, 'a')).not.toBe(knownHostId(local, 22, 'b'))
  }
  for (const far of ['10.0.0.1', 'localhost.example', '2001:db8::1', 'fe.example']) expect(isLocal(far)).toBe(false)
})

it('reads its ids again, and no id of a line', () => {
  expect(placeOf('example.com:22')).toEqual({ host: 'example.com', port: 22, endpointId: undefined })
  expect(placeOf('[2001:db8::1]:2222')).toEqual({ host: '2001:db8::1', port: 2222, endpointId: undefined })
  expect(placeOf('127.0.0.1:22 via r 1')).toEqual({ host: '127.0.0.1', port: 22, endpointId: 'r 1' })
  expect(placeOf('line 4f1c')).toBeUndefined()
})

it('names a host in a file as OpenSSH does', () => {
  expect(fileName({ host: 'web.example', port: 22 })).toBe('web.example')
  expect(fileName({ host: 'web.example', port: 2222 })).toBe('[web.example]:2222')
  expect(fileName({ host: '2001:db8::1', port: 22 })).toBe('2001:db8::1')
})

it.each([
  ['*.example', 'web.example', true],
  ['*.example', 'example', false],
  ['WEB?.example', 'web1.example', true],
  ['web?.example', 'web12.example', false],
  ['*,!bad', 'bad', false],
  ['!bad,*', 'good', true],
  ['!bad', 'good', false],
  ['a*b*c', 'aXXbYYc', true],
  ['a*b*c', 'aXXbYY', false],
  ['[*]:2222', '[web]:2222', true],
  ['[*]:2222', 'web', false],
  ['10.0.?.*', '10.0.3.77', true],
  ['', 'web', false],
  ['**', '', true],
])('the patterns %s and the name %s: %s', (hosts, name, fitting) => {
  expect(patternsFit(hosts, name)).toBe(fitting)
})

it('a pattern that is made to be slow is not', () => {
  const stars = '*a'.repeat(500)
  expect(patternsFit(`${stars}b`, 'a'.repeat(1000))).toBe(false)
})
