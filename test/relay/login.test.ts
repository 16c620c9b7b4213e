import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import type { AnyAuthMethod, ParsedKey } from 'ssh2'
import { expect, test } from 'vitest'
import { Login, withoutSecrets } from '../../relay/login.ts'
import { makeSshKey } from '../harness/sshKey.ts'

const password = 'nine lives of a cat'

/** What the login offers next, as ssh2 hears it. */
function next(login: Login, left: string[] | null): Promise<AnyAuthMethod> {
  return new Promise((resolve) => login.handler(left as never, false as never, resolve as never))
}

test('once the login is over no secret is left, in what ssh2 keeps of it neither', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'fairlead-login-'))
  const { private: privateKey } = await makeSshKey(join(dir, 'key'))
  await rm(dir, { recursive: true })
  const hop = { host: 'h', port: 22, username: 'u', password, privateKey }
  const login = new Login(hop, undefined, () => undefined)
  const offered = (await next(login, null)) as { key: ParsedKey }
  expect(offered.key.getPrivatePEM()).toContain('PRIVATE KEY')
  const second = (await next(login, ['password'])) as unknown as { password: Buffer }
  expect(second.password.toString()).toBe(password)
  expect(login.givenPassword).toBe(password)
  login.forget()
  expect(offered.key.getPrivatePEM()).toBeNull()
  expect(second.password.every((byte) => byte === 0)).toBe(true)
  expect(login.givenPassword).toBeUndefined()
  expect(inspect(withoutSecrets(hop))).toBe("{ host: 'h', port: 22, username: 'u' }")
})
