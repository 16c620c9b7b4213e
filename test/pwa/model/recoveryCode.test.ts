import { expect, it } from 'vitest'
import { newRecoveryCode, readRecoveryCode } from '../../../pwa/model/recoveryCode.ts'

const slip = { failure: { code: 'bad-recovery-code' } }

it('is read as it was written, in any case, with any dashes, and with letters taken for figures', async () => {
  for (let time = 0; time < 50; time++) {
    const { secret, text } = await newRecoveryCode()
    expect(text).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}$/)
    const typed = text.toLowerCase().replaceAll('-', ' – ').replaceAll('0', 'o').replaceAll('1', 'l')
    for (const way of [text, typed, `  ${text.replaceAll('-', '')}\n`])
      expect(await readRecoveryCode(way)).toEqual(secret)
  }
})

it('differs each time', async () => {
  const codes = await Promise.all(Array.from({ length: 100 }, () => newRecoveryCode()))
  expect(new Set(codes.map(({ text }) => text)).size).toBe(100)
})

it('tells a slip: a wrong letter, two swapped, one too few or too many', async () => {
  const { text } = await newRecoveryCode()
  const code = text.replaceAll('-', '')
  const wrong = [code.slice(1), `${code}0`, '', 'U'.repeat(28), code.replace(/.$/, '*')]
  for (let at = 0; at < code.length; at++) {
    wrong.push(code.slice(0, at) + (code[at] === 'Z' ? 'Y' : 'Z') + code.slice(at + 1))
    const swapped = code.slice(0, at) + (code[at + 1] ?? '') + code[at] + code.slice(at + 2)
    if (swapped !== code) wrong.push(swapped)
  }
  for (const one of wrong) await expect(readRecoveryCode(one), one).rejects.toMatchObject(slip)
})
