import * as v from 'valibot'
import { Term } from '../../shared/protocol.ts'
import type { Config } from '../config.ts'
import { hostKeyVerification } from './webssh2Visit.ts'

/** What `/ssh/config` answers. */
export const webssh2Config = (config: Config) => ({
  allowedAuthMethods: config.webssh2Methods,
  hostKeyVerification: hostKeyVerification(config),
})

const Port = v.pipe(v.string(), v.regex(/^\d{1,5}$/), v.transform(Number), v.minValue(1), v.maxValue(65_535))

/**
 * Where an address of WebSSH2 leads: to our app, with the target, the terminal's type and the header text filled in. User
 * names and passwords in it are dropped, as is what cannot be a port or a type; host and header are judged by the app.
 * @param byDefault where an address leads that names no host
 */
export function webssh2Launch(
  named: string | undefined,
  query: URLSearchParams,
  byDefault: Config['webssh2Target'],
): string {
  const host = named ?? byDefault?.host
  if (!host) return '/'
  const asked = v.safeParse(Port, query.get('port'))
  const port = asked.success ? asked.output : ((named ? undefined : byDefault?.port) ?? 22)
  const name = host.includes(':') ? `[${host}]` : host
  const fields = new URLSearchParams({ target: port === 22 ? `ssh://${name}` : `ssh://${name}:${port}` })
  const term = v.safeParse(Term, query.get('sshterm'))
  if (term.success) fields.set('term', term.output)
  const header = query.get('header')
  if (header) fields.set('header', header)
  return `/#${fields}`
}
