import { shellQuote } from '../../shared/shellQuote.ts'
import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'
import { copyText } from './copyText.ts'

/** Copies the names of the chosen files, a line each. What is no text, or no single line, is quoted for a shell. */
export const copyName: Command = {
  id: 'copy-name',
  title: 'Copy name',
  when: (desk) => Boolean(activeFiles(desk)?.chosen.length),
  run(desk) {
    const names = (activeFiles(desk)?.chosen ?? []).map(({ name }) => name)
    const plain = names.every((name) => !/[\p{Cc}\p{Cs}]/u.test(name))
    const what = names.length === 1 ? 'the name' : `${names.length} names`
    const text = plain ? names.join('\n') : names.map(shellQuote).join(' ')
    return copyText(desk, text, plain ? what : `${what}, quoted for a shell since they are no plain text`)
  },
}
