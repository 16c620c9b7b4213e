import * as v from 'valibot'
import { Failure } from './failure.ts'

/** Bytes of a request body; more is answered 413 before it is read. */
export const REST_BODY_MAX = 16 * 1024

const text = v.pipe(v.string(), v.maxLength(1024))
/** UTF-16 units a new password must have at least. */
export const PASSWORD_MIN = 8
const NewPassword = v.pipe(text, v.minLength(PASSWORD_MIN))

const Done = v.object({ success: v.literal(true) })
const LoggedIn = v.object({ success: v.literal(true), token: v.string() })

/** What every route answers when it refuses. `error` is the message again, for callers that know only strings. */
export const Refused = v.object({ success: v.literal(false), error: v.string(), failure: Failure })
export type Refused = v.InferOutput<typeof Refused>

/**
 * The routes of `/api/auth`: `open` ones answer without a token. `set-password` is open only while no password is set,
 * and then wants the set-up code, or a loopback peer from an allowed origin.
 */
export const routes = {
  status: {
    method: 'GET',
    path: '/api/auth/status',
    open: true,
    response: v.object({
      passwordEnabled: v.boolean(),
      /** The relay waits for its first password and for the code on its console. */
      setUp: v.optional(v.literal(true)),
    }),
  },
  login: {
    method: 'POST',
    path: '/api/auth/login',
    open: true,
    request: v.strictObject({ password: text }),
    response: LoggedIn,
  },
  logout: { method: 'POST', path: '/api/auth/logout', open: false, request: v.strictObject({}), response: Done },
  'set-password': {
    method: 'POST',
    path: '/api/auth/set-password',
    open: false,
    request: v.strictObject({
      currentPassword: v.optional(text),
      newPassword: NewPassword,
      /** Printed on the console of a relay in set-up mode. */
      setUpCode: v.optional(text),
    }),
    response: LoggedIn,
  },
  'remove-password': {
    method: 'POST',
    path: '/api/auth/remove-password',
    open: false,
    request: v.strictObject({ currentPassword: text }),
    response: Done,
  },
} as const

export type RouteName = keyof typeof routes
