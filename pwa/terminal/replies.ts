import type { IParser } from '@xterm/xterm'

/**
 * What xterm answers to queries in the output, by kind; each holds numbers and fixed text only, so nothing that a server
 * chose comes back as input. A modified F3 looks like a cursor report, which does no harm.
 */
const kinds = [
  // DA1–3, XTVERSION
  /^\u001b\[[?>=]?[\d;]*c$/,
  /^\u001bP!\|[0-9A-F]*\u001b\\$/i,
  /^\u001bP>\|xterm\.js\([\w.-]*\)\u001b\\$/,
  // DSR and CPR, and colour scheme
  /^\u001b\[\??[\d;]*[nR]$/,
  // DECRQM
  /^\u001b\[\??\d+;\d\$y$/,
  // DECRQSS
  /^\u001bP[01]\$r[\d;: ]*["' ]?[a-zA-Z]*\u001b\\$/,
  // OSC 4, 10, 11, 12
  /^\u001b\](4;\d{1,3}|1[0-2]);rgb:[0-9a-f]{4}\/[0-9a-f]{4}\/[0-9a-f]{4}(\u0007|\u001b\\)$/i,
  // Window reports
  /^\u001b\[[\d;]+t$/,
]

/** Whether what the terminal sends is its answer to a query and not something that a person did. */
export function isReply(data: string): boolean {
  return data.charCodeAt(0) === 0x1b && kinds.some((kind) => kind.test(data))
}

const focusReport = /^\u001b\[[IO]$/

/** Tells what a terminal answers to output from what a person does, reports of the focus included: they come at once when a program asks for them. */
export class Replies {
  /** Reports of the focus that the sequence which is just being obeyed asks for. */
  #focus = 0

  constructor(parser: Pick<IParser, 'registerCsiHandler'>) {
    parser.registerCsiHandler({ prefix: '?', final: 'h' }, (modes) => {
      this.#focus = modes.filter((mode) => mode === 1004).length
      // xterm's own handler does the work.
      return false
    })
  }

  /** Whether what the terminal sends now is an answer. */
  has(data: string): boolean {
    if (this.#focus === 0 || !focusReport.test(data)) return isReply(data)
    this.#focus--
    return true
  }
}
