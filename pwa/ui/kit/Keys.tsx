import './Keys.css'

/** A shortcut as keycaps; `keys` is already in the form that the platform shows. */
export function Keys({ keys }: { keys: string }) {
  return (
    <span class="keys" aria-hidden="true">
      {keys}
    </span>
  )
}
