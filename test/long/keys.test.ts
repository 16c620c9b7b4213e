import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { KeyProblem } from '../../pwa/model/keys/keyProblem.ts'
import { readKey } from '../../pwa/model/keys/readKey.ts'
import { chance } from '../harness/chance.ts'
import { damaged } from '../harness/damaged.ts'

const putty = fileURLToPath(new URL('../pwa/model/keys/putty/', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'fairlead-keys-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function sshKeygen(name: string, ...args: string[]): string {
  execFileSync('ssh-keygen', ['-q', '-f', join(dir, name), ...args])
  return readFileSync(join(dir, name), 'utf8')
}

it('1,000,000 damaged key files of every kind give a failure or a key, and nothing else', async () => {
  const whole = [
    sshKeygen('ed25519', '-t', 'ed25519', '-N', ''),
    sshKeygen('rsa', '-t', 'rsa', '-b', '2048', '-N', '', '-m', 'PEM'),
    sshKeygen('ecdsa', '-t', 'ecdsa', '-N', '', '-m', 'PKCS8'),
    // Without a passphrase, since a count of rounds that was damaged may ask for half a minute.
    sshKeygen('locked', '-t', 'ed25519', '-N', 'secret'),
    sshKeygen('locked-pem', '-t', 'rsa', '-b', '2048', '-N', 'secret', '-m', 'PEM'),
    sshKeygen('locked-pkcs8', '-t', 'ecdsa', '-N', 'secret', '-m', 'PKCS8'),
    ...readdirSync(putty)
      .filter((name) => name.endsWith('.ppk'))
      .map((name) => readFileSync(join(putty, name), 'utf8')),
  ]
  const seed = Number(process.env.FAIRLEAD_SEED ?? 11)
  const random = chance(seed)
  for (let round = 0; round < 1_000_000; round++) {
    let text = whole[round % whole.length] ?? ''
    for (let times = 1 + random(4); times > 0; times--) text = damaged(text, random)
    await readKey(text, undefined).catch((error: unknown) => {
      if (!(error instanceof KeyProblem)) expect.fail(`seed ${seed}, round ${round}: ${error}\n${text}`)
    })
  }
})
