/** What opening a link would do: nothing, open `href`, or ask first because `href` is not what the person saw. */
export type LinkCheck = { open: false } | { open: true; href: string; ask: boolean }

/**
 * Judges a link by its address and the text that the person saw. Only http and https; an address with a user name, a host
 * in punycode or a text that says something else is asked about, with the address as the browser would go to it. Pure.
 */
export function checkLink(address: string, text: string): LinkCheck {
  let url: URL
  try {
    url = new URL(address)
  } catch {
    return { open: false }
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { open: false }
  const { href } = url
  const deceptive = url.username !== '' || url.password !== '' || /(^|\.)xn--/.test(url.hostname)
  return { open: true, href, ask: deceptive || !says(text, href) }
}

/** Whether a text is an address itself, give or take the scheme and a last slash. */
function says(text: string, href: string): boolean {
  const bare = (address: string) =>
    address
      .trim()
      .replace(/^https?:\/\//, '')
      .replace(/\/$/, '')
  return bare(text) === bare(href)
}
