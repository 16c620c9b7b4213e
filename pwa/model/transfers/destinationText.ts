import type { Destination } from '../../store/schema.ts'

/** How a person calls a destination; pure. */
export function destinationText({ username, host, port }: Destination): string {
  const user = username && `${username}@`
  return port === 22 ? `${user}${host}` : `${user}${host}:${port}`
}
