import { Problem, quoted } from './words.ts'

/** Every runtime has WHATWG URL; the compiler does not know it here, where neither DOM nor Node types are let in. */
const { URL } = globalThis as unknown as { URL: new (text: string) => { readonly hostname: string } }

function canonical(host: string): string | undefined {
  try {
    return new URL(`http://${host}`).hostname
  } catch {
    return undefined
  }
}

function readAddress6(text: string): string {
  const [, address = '', zone = ''] = /^([\da-f:.]*)(%[\w.-]{1,32})?$/i.exec(text) ?? []
  const hostname = address.includes(':') ? canonical(`[${address}]`) : undefined
  if (hostname === undefined) throw new Problem(`${quoted(text)} is not an IPv6 address.`)
  return hostname.slice(1, -1) + zone
}

/** Whether a host is an IPv6 address and so wants brackets before a port. */
export function isAddress6(host: string): boolean {
  return host.includes(':')
}

/**
 * A host in the form that is stored and dialled: lower case, names in ASCII (IDNA, UTS 46), addresses as they are usually
 * written (`127.1` becomes `127.0.0.1`), IPv6 without brackets. Throws `Problem`.
 */
export function readHost(text: string): string {
  if (text === '') throw new Problem('The name of the host is missing.')
  if (text.includes(':')) return readAddress6(text)
  if (/\s/.test(text)) throw new Problem(`${quoted(text)} has a space in it; the name of a host has none.`)
  if (text.startsWith('-'))
    throw new Problem(`The name of a host does not begin with a hyphen, as ${quoted(text)} does.`)
  const strange = /[\0-,/:-@[-^`{-\x7f\p{Cc}]/u.exec(text)
  if (strange) throw new Problem(`The name of a host cannot hold ${quoted(strange[0])}.`)
  const host = canonical(text)
  if (!host || !/^[a-z\d._-]+$/.test(host)) {
    const numeric = /^[\d.]+$/.test(text)
    throw new Problem(`${quoted(text)} is not ${numeric ? 'an IPv4 address' : 'the name of a host'}.`)
  }
  const labels = host.replace(/\.$/, '').split('.')
  if (labels.includes('')) throw new Problem(`${quoted(text)} has an empty part between its dots.`)
  if (host.length > 253 || labels.some((label) => label.length > 63)) {
    throw new Problem('The name of the host is too long: 253 characters at most, 63 between two dots.')
  }
  return host
}

/** RFC 3492 §6.2, for one label without its `xn--`; undefined where it is not well formed. */
function decodePunycode(label: string): string | undefined {
  const hyphen = label.lastIndexOf('-')
  const points = [...label.slice(0, Math.max(0, hyphen))].map((character) => character.charCodeAt(0))
  let [code, index, bias, at] = [128, 0, 72, hyphen + 1]
  while (at < label.length) {
    const from = index
    for (let weight = 1, k = 36; ; k += 36) {
      const digit = '0123456789abcdefghijklmnopqrstuvwxyz'.indexOf(label.charAt(at++))
      if (digit < 0 || at > label.length) return undefined
      const value = digit < 10 ? digit + 26 : digit - 10
      index += value * weight
      const threshold = Math.min(26, Math.max(1, k - bias))
      if (value < threshold) break
      weight *= 36 - threshold
    }
    const length = points.length + 1
    let delta = Math.floor((index - from) / (from === 0 ? 700 : 2))
    delta += Math.floor(delta / length)
    for (bias = 0; delta > 455; bias += 36) delta = Math.floor(delta / 35)
    bias += Math.floor((36 * delta) / (delta + 38))
    code += Math.floor(index / length)
    if (code > 0x10ffff) return undefined
    index %= length
    points.splice(index++, 0, code)
  }
  return String.fromCodePoint(...points)
}

/**
 * The Unicode form of a stored name, or the name itself where there is none. Show it beside the stored one, never instead:
 * letters of two scripts may look the same.
 */
export function unicodeHost(host: string): string {
  if (!/(^|\.)xn--/.test(host)) return host
  const shown = host.replace(/(?<=^|\.)xn--([a-z\d-]+)/g, (label, code: string) => decodePunycode(code) ?? label)
  return canonical(shown) === host ? shown : host
}
