import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { PASSPHRASE_MIN } from '../../model/vault.ts'
import { Field } from '../kit/Field.tsx'

/** Two fields for a passphrase that is given for the first time. `value` is undefined until both are the same and long enough. */
export function useNewPassphrase(
  label: string,
  focus: boolean,
): { fields: JSX.Element; value: string | undefined; clear(): void } {
  const [first, type] = useState('')
  const [again, typeAgain] = useState('')
  const length = [...first].length
  const short = length < PASSPHRASE_MIN
  // Said only once there is enough to compare.
  const differs = again.length > 0 && !first.startsWith(again)
  const fields = (
    <>
      <Field
        label={label}
        type="password"
        autocomplete="new-password"
        autofocus={focus}
        hint={
          short && length > 0
            ? `${PASSPHRASE_MIN - length} more to go. Length is what counts.`
            : 'At least 10 characters. Four or more random words are easy to keep in mind and hard to guess.'
        }
        value={first}
        onInput={(event) => type(event.currentTarget.value)}
      />
      <Field
        label="The same again"
        type="password"
        autocomplete="new-password"
        error={differs ? 'The two are not the same.' : undefined}
        value={again}
        onInput={(event) => typeAgain(event.currentTarget.value)}
      />
    </>
  )
  const clear = () => {
    type('')
    typeAgain('')
  }
  return { fields, value: !short && first === again ? first : undefined, clear }
}
