import { pipeBoth, startProxy } from './proxy.ts'

/** A port of loopback behind which now one server is and now another, as after a name was stolen. */
export interface Switch {
  port: number
  /** The port on loopback that connections go to from now on. */
  to: number
  close(): Promise<void>
}

/** Starts a switch to a port on loopback. */
export async function startSwitch(to: number): Promise<Switch> {
  const proxy = await startProxy(() => switched.to, pipeBoth)
  const switched: Switch = { ...proxy, to }
  return switched
}
