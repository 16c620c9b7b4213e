import { request } from 'node:http'
import { connect } from 'node:net'

/** An HTTP answer, read to its end. */
export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
  json<T = { success: boolean; error: string; token: string; failure: { code: string } }>(): T
}

/** What to send; headers go out as they are, also those that `fetch` would not send. */
export interface Ask {
  method?: string
  headers?: Record<string, string>
  body?: string
  /** Address to come from, e.g. 127.0.0.2. */
  from?: string
}

/** One request on a connection of its own. `path` is sent as it stands. */
export function ask(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body, from }: Ask = {},
): Promise<Answer> {
  return new Promise((settle, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path, method, headers, agent: false, ...(from && { localAddress: from }) },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          settle({ status: answer.statusCode ?? 0, headers: answer.headers, body: text, json: () => JSON.parse(text) })
        })
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Posts JSON. */
export function post(port: number, path: string, value: unknown, more: Ask = {}): Promise<Answer> {
  const headers = { 'Content-Type': 'application/json', ...more.headers }
  return ask(port, path, { ...more, method: 'POST', headers, body: JSON.stringify(value) })
}

/** Writes bytes to a port and gives what comes back until the other side closes. */
export function raw(port: number, bytes: string): Promise<string> {
  return new Promise((settle, reject) => {
    const socket = connect({ host: '127.0.0.1', port })
    let text = ''
    socket.setEncoding('utf8')
    socket.on('data', (data: string) => {
      text += data
    })
    socket.on('error', reject)
    socket.on('close', () => settle(text))
    socket.write(bytes)
  })
}

/** The `Authorization` header for a token. */
export const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })
