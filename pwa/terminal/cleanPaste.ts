/** ESC [201~ and its C1 form end a bracketed paste: what follows them would run. */
const brackets = /(?:\u001b\[|\u009b)20[01]~/g
/** C0 but TAB and LF, DEL, C1, and Unicode's bidi controls, which show another text than the one that runs. */
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** Text from a clipboard as it may go to a shell: no controls but tabs and line ends, which are LF here. */
export function cleanPaste(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(brackets, '').replace(controls, '')
}

/** Whether a program that does not bracket pastes would run a part of this by itself. */
export function runsByItself(clean: string): boolean {
  return clean.includes('\n')
}

/** A cleaned text as a terminal sends it: lines end in CR, and with `bracketed` the program is told that it is a paste. */
export function pasteSequence(clean: string, bracketed: boolean): string {
  const typed = clean.replaceAll('\n', '\r')
  return bracketed ? `\u001b[200~${typed}\u001b[201~` : typed
}
