import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { hashFits } from '../../../pwa/model/knownHostsHash.ts'

it('finds the names that ssh-keygen has hashed, and no others', () => {
  const dir = mkdtempSync(join(tmpdir(), 'fairlead-hash-'))
  const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl'
  const names = ['web.example', '[web.example]:2222', '2001:db8::1']
  const file = join(dir, 'known_hosts')
  writeFileSync(file, names.map((name) => `${name} ssh-ed25519 ${key}\n`).join(''))
  execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' })
  const hashed = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
  rmSync(dir, { recursive: true })
  expect(hashed.map((hosts) => names.filter((name) => hashFits(hosts, name)))).toEqual(names.map((name) => [name]))
  expect(hashFits(hashed[0] ?? '', 'web.examplf')).toBe(false)
  for (const junk of ['|1|x|y', '|2|AAECAwQFBgcICQoLDA0ODxAREhM=|AAECAwQFBgcICQoLDA0ODxAREhM=', '||', ''])
    expect(hashFits(junk, 'web.example')).toBe(false)
})
