import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Desk } from '../commands/desk.ts'

/** The desk of this window, for every component in it. */
export const DeskContext = createContext<Desk | undefined>(undefined)

/** The desk of this window. */
export function useDesk(): Desk {
  const desk = useContext(DeskContext)
  if (!desk) throw new Error('There is no desk here.')
  return desk
}
