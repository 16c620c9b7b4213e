import type { Desk } from './desk.ts'

/** Puts a text on the clipboard and says so; a browser that does not allow it is told of. @param what was copied, for the notice */
export async function copyText({ view }: Desk, text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    view.say('The browser did not allow copying', 'failure')
    return
  }
  view.say(`Copied ${what}`)
}
