import type { ComponentChildren, InputHTMLAttributes, PartialInputHTMLAttributes } from 'preact'
import { useId } from 'preact/hooks'
import './Field.css'

/** A labelled input; `error` replaces `hint` and is announced. */
export function Field({
  label,
  hint,
  error,
  mono,
  ...rest
}: Omit<PartialInputHTMLAttributes<HTMLInputElement>, 'class' | 'label' | 'list' | 'role' | 'type'> & {
  label: string
  type?: 'text' | 'password' | 'number' | 'datetime-local'
  /** Id of a `datalist` of what is offered. */
  list?: string
  hint?: ComponentChildren
  error?: string | undefined
  mono?: boolean
}) {
  const id = useId()
  const note = error ?? hint
  return (
    <div class={error ? 'field wrong' : 'field'}>
      <label for={id}>{label}</label>
      {/* Preact's types tell inputs apart by `type` and do not take a union of three that all fit. */}
      <input
        {...(rest as InputHTMLAttributes<HTMLInputElement>)}
        id={id}
        class={mono ? 'input mono' : 'input'}
        aria-invalid={error ? 'true' : undefined}
        aria-describedby={note ? `${id}-note` : undefined}
      />
      {note && (
        <p id={`${id}-note`} class="note" role={error ? 'alert' : undefined}>
          {note}
        </p>
      )}
    </div>
  )
}

/** A labelled choice among a few. */
export function Choice<T extends string>({
  label,
  value,
  of,
  onChange,
}: {
  label: string
  value: T
  of: readonly { value: T; text: string }[]
  onChange(value: T): void
}) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        class="input"
        value={value}
        onChange={(event) => {
          const chosen = of.find((option) => option.value === event.currentTarget.value)
          if (chosen) onChange(chosen.value)
        }}
      >
        {of.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text}
          </option>
        ))}
      </select>
    </div>
  )
}

/** A claim that is true or false, on one line. */
export function Check({
  label,
  hint,
  checked,
  onChange,
}: {
  label: string
  hint?: string
  checked: boolean
  onChange(checked: boolean): void
}) {
  const id = useId()
  return (
    <label class="check" for={id}>
      <input id={id} type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>
        {label}
        {hint && <small>{hint}</small>}
      </span>
    </label>
  )
}
