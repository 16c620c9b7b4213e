import { useEffect, useRef, useState } from 'preact/hooks'
import { bitState, type ModeChange, octalText, readOctal, wholeMode, withBit } from '../../../model/files/modes.ts'
import { Field } from '../../kit/Field.tsx'

const who = [
  { name: 'Owner', shift: 6 },
  { name: 'Group', shift: 3 },
  { name: 'Others', shift: 0 },
] as const

const may = {
  file: [
    { name: 'Read', bit: 4 },
    { name: 'Write', bit: 2 },
    { name: 'Execute', bit: 1 },
  ],
  directory: [
    { name: 'List', bit: 4 },
    { name: 'Change', bit: 2 },
    { name: 'Enter', bit: 1 },
  ],
} as const

const special = {
  file: [
    { bit: 0o4000, name: 'Set user', hint: 'Runs as its owner.' },
    { bit: 0o2000, name: 'Set group', hint: 'Runs as its group.' },
    { bit: 0o1000, name: 'Sticky', hint: 'Means nothing for files today.' },
  ],
  directory: [
    { bit: 0o4000, name: 'Set user', hint: 'Means nothing for folders on most systems.' },
    { bit: 0o2000, name: 'Set group', hint: 'What is made in it belongs to its group.' },
    { bit: 0o1000, name: 'Sticky', hint: 'Only owners can delete in it.' },
  ],
} as const

/** Permissions to be ticked, or typed in octal: both always say the same. A dash is what stays as it is. */
export function ModeMatrix({
  of,
  title,
  change,
  onChange,
  autofocus = false,
}: {
  of: 'file' | 'directory'
  /** Above it, where there are two. */
  title?: string
  change: ModeChange
  onChange(change: ModeChange): void
  autofocus?: boolean
}) {
  const [typed, type] = useState<string>()
  const set = (bit: number, state: boolean) => {
    type(undefined)
    onChange(withBit(change, bit, state))
  }
  const box = (bit: number, name: string, text?: string) => (
    <Tick name={name} text={text} state={bitState(change, bit)} onChange={(state) => set(bit, state)} />
  )
  return (
    <fieldset class="mode-matrix">
      <legend class={title ? '' : 'quiet'}>{title ?? 'Permissions'}</legend>
      <table>
        <thead>
          <tr>
            <td />
            {may[of].map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {who.map(({ name, shift }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {may[of].map((what) => (
                <td key={what.name}>{box(what.bit << shift, `${name}: ${what.name}`)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <Field
        label="Octal"
        mono
        inputMode="numeric"
        autocomplete="off"
        maxLength={5}
        placeholder="as it is"
        autofocus={autofocus}
        error={typed && readOctal(typed) === undefined ? 'Three or four digits from 0 to 7' : undefined}
        value={typed ?? octalText(change)}
        onInput={(event) => {
          const text = event.currentTarget.value
          type(text)
          const mode = readOctal(text)
          if (mode !== undefined) onChange(wholeMode(mode))
        }}
        onBlur={() => typed !== undefined && readOctal(typed) !== undefined && type(undefined)}
      />
      <div class="mode-special">
        {special[of].map(({ bit, name, hint }) => (
          <div key={bit} title={hint}>
            {box(bit, name, name)}
          </div>
        ))}
      </div>
    </fieldset>
  )
}

/** A box that may be neither on nor off, while it stays as it is. Its label takes the whole cell, for fingers. */
function Tick({
  name,
  text,
  state,
  onChange,
}: {
  name: string
  /** Beside it, where it is to be seen. */
  text: string | undefined
  state: boolean | undefined
  onChange(state: boolean): void
}) {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (input.current) input.current.indeterminate = state === undefined
  }, [state])
  return (
    <label>
      <input
        ref={input}
        type="checkbox"
        aria-label={name}
        checked={state === true}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      {text && <span>{text}</span>}
    </label>
  )
}
