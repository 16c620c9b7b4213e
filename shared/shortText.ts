/** Bytes up to which a string is cheaper than bytes, which Socket.IO sends as a message of their own behind the event. */
const SHORT = 256

/** The same data in the form in which an event carries it fastest: a short piece of ASCII as a string, the rest as it is. */
export function shortText(data: Uint8Array): string | Uint8Array {
  if (data.length > SHORT) return data
  for (const byte of data) if (byte > 0x7f) return data
  return String.fromCharCode(...data)
}
