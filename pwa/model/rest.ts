import * as v from 'valibot'
import { Refused, type RouteName, routes } from '../../shared/rest.ts'
import { Failed } from './failure.ts'

/** How long a relay may take to answer, in milliseconds. */
const PATIENCE = 10_000

type Response_<R extends RouteName> = v.InferOutput<(typeof routes)[R]['response']>
type Request_<R extends RouteName> = (typeof routes)[R] extends { request: infer S extends v.GenericSchema }
  ? v.InferInput<S>
  : undefined

/**
 * Calls one of a relay's `/api/auth` routes. Redirects are refused, so that a password or token never reaches another
 * origin. Rejects with `Failed`: what the relay refused, `relay-unreachable` or `not-a-relay`.
 */
export async function callRelay<R extends RouteName>(
  url: string,
  name: R,
  body: Request_<R>,
  token?: string,
): Promise<Response_<R>> {
  const { method, path, response } = routes[name]
  let answer: Response
  try {
    answer = await fetch(url + path, {
      method,
      redirect: 'error',
      credentials: 'omit',
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
      signal: AbortSignal.timeout(PATIENCE),
      headers: {
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  } catch (cause) {
    throw new Failed('relay-unreachable', cause)
  }
  const said: unknown = await answer.json().catch(() => undefined)
  const refused = v.safeParse(Refused, said)
  if (refused.success) throw new Failed(refused.output.failure)
  const fits = v.safeParse(response, said)
  if (!answer.ok || !fits.success) throw new Failed('not-a-relay')
  // `response` is that of `name`; the compiler widens the indexed access to the union of all routes.
  return fits.output as Response_<R>
}

/** Whether anything answers at an origin at all, even if this page may not read what it says. */
export async function answers(url: string): Promise<boolean> {
  try {
    await fetch(`${url}/healthz`, {
      mode: 'no-cors',
      credentials: 'omit',
      cache: 'no-store',
      signal: AbortSignal.timeout(PATIENCE),
    })
    return true
  } catch {
    return false
  }
}
