// What `relay/headless.ts` says about the add-on and the pool holds here too.
const { poolSize } = Buffer
Buffer.poolSize = 0
const { default: addon } = await import('@xterm/addon-unicode-graphemes')
Buffer.poolSize = poolSize

/** The add-on that counts columns as the app and the relay do; typed for the terminal of a page, it fits the headless one. */
export const { UnicodeGraphemesAddon } = addon
