import { FileKey } from 'lucide'
import { useRef } from 'preact/hooks'
import { Button } from '../kit/Button.tsx'
import './KeyDrop.css'

/** Bytes of a key file that are read; beyond, it is none. */
const MAX_BYTES = 65_536

/** A file as text; one that is too big for a key has none. */
export interface KeyFileText {
  name: string
  text: string
}

/** Takes key files, and certificates beside them, by button or by drop. */
export function KeyDrop({
  chosen,
  focused,
  what = 'key',
  take,
}: {
  /** Name of what was taken. */
  chosen: string | undefined
  focused?: boolean
  /** What it is a file of; a key if not said. */
  what?: string
  take(files: readonly KeyFileText[]): void
}) {
  const picker = useRef<HTMLInputElement>(null)
  const read = async (files: FileList | null | undefined) => {
    const all = [...(files ?? [])].slice(0, 8)
    if (all.length === 0) return
    const texts = all.map(async (file) => ({ name: file.name, text: file.size > MAX_BYTES ? '' : await file.text() }))
    take(await Promise.all(texts))
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a larger mark for the button in it, by mouse only
    <div
      class="key-drop"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault()
        void read(event.dataTransfer?.files)
      }}
    >
      <Button icon={FileKey} onClick={() => picker.current?.click()} autofocus={focused ?? false}>
        {chosen === undefined ? `Choose a ${what} file` : 'Choose another'}
      </Button>
      <span>{chosen ?? 'or drop it here'}</span>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-label={`File of a ${what}`}
        onChange={(event) => {
          void read(event.currentTarget.files)
          event.currentTarget.value = ''
        }}
      />
    </div>
  )
}
