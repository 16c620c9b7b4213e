import { pipeBoth, startProxy } from './proxy.ts'

/** A TCP proxy that keeps what clients send, as the target understands it. */
export interface Recording {
  port: number
  /** What HTTP requests said, and what was in frames of websockets. */
  sent(): Buffer
  close(): Promise<void>
}

/** Starts a proxy to a port on loopback. */
export async function startRecording(target: number): Promise<Recording> {
  const connections: Buffer[][] = []
  const proxy = await startProxy(
    () => target,
    (near, far) => {
      const sent: Buffer[] = []
      connections.push(sent)
      near.on('data', (chunk: Buffer) => sent.push(chunk))
      pipeBoth(near, far)
    },
  )
  return {
    ...proxy,
    sent: () => Buffer.concat(connections.map((sent) => understood(Buffer.concat(sent)))),
  }
}

/** Requests as they are, and the unmasked payloads of the frames after an upgrade (RFC 6455 §5.2). */
function understood(sent: Buffer): Buffer {
  const head = sent.indexOf('\r\n\r\n') + 4
  if (!/^upgrade: websocket\r$/im.test(sent.toString('latin1', 0, head))) return sent
  const parts = [sent.subarray(0, head)]
  for (let at = head; at + 2 <= sent.length; ) {
    const short = (sent[at + 1] ?? 0) & 0x7f
    at += 2
    let length = short
    if (short === 126) length = sent.readUInt16BE(at)
    if (short === 127) length = Number(sent.readBigUInt64BE(at))
    at += short === 126 ? 2 : short === 127 ? 8 : 0
    const mask = sent.subarray(at, at + 4)
    const payload = Buffer.from(sent.subarray(at + 4, at + 4 + length))
    for (let index = 0; index < payload.length; index++) payload[index] = (payload[index] ?? 0) ^ (mask[index % 4] ?? 0)
    parts.push(payload)
    at += 4 + length
  }
  return Buffer.concat(parts)
}
