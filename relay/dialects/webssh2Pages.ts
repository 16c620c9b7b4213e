import * as v from 'valibot'
import type { Config } from '../config.ts'
import { hostKeyVerification } from './webssh2Visit.ts'

/** What `/ssh/config` answers. */
export const webssh2Config = (config: Config) => ({
  allowedAuthMethods: ['password', 'keyboard-interactive', 'publickey'],
  hostKeyVerification: hostKeyVerification(config),
})

const Port = v.pipe(v.string(), v.regex(/^\d{1,5}$/), v.transform(Number), v.minValue(1), v.maxValue(65_535))

/**
 * Where an address of WebSSH2 leads: to our app, with the target filled in. User names and passwords in it are dropped,
 * as is what cannot be a port; what stands for a host is judged by the app before a person goes there.
 */
export function webssh2Launch(host: string | undefined, query: URLSearchParams): string {
  if (!host) return '/'
  const port = v.safeParse(Port, query.get('port'))
  const name = host.includes(':') ? `[${host}]` : host
  const fields = new URLSearchParams({
    target: port.success && port.output !== 22 ? `ssh://${name}:${port.output}` : `ssh://${name}`,
  })
  return `/#${fields}`
}
