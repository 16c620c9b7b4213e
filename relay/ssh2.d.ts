declare module 'ssh2/lib/protocol/utils.js' {
  /** Sends a packet, or queues it while keys are exchanged. */
  function sendPacket(protocol: unknown, packet: Uint8Array): boolean
  export default { sendPacket }
}
