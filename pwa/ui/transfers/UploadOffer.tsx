import { useEffect, useRef, useState } from 'preact/hooks'
import { uploadSources } from '../../commands/upload-sources.ts'
import type { UploadOffer as Offer } from '../../commands/view.ts'
import type { TabView } from '../../model/tabs.ts'
import { useDesk } from '../desk.ts'
import { FileName } from '../files/FileName.tsx'
import { countText } from '../format.ts'
import { Button } from '../kit/Button.tsx'
import { Field } from '../kit/Field.tsx'
import './UploadOffer.css'

/** Asks, in the terminal that files were given to, where they go. Enter uploads, Esc lets go of them. */
export default function UploadOffer({ tab, offer }: { tab: TabView; offer: Offer }) {
  const desk = useDesk()
  const [path, type] = useState(() => tab.session.directory.peek() ?? '~')
  const { names } = offer.taken
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => form.current?.querySelector('input')?.select(), [])
  const end = () => {
    desk.view.offer.value = undefined
    tab.session.screen.peek()?.focus()
  }
  const upload = (typed: boolean) => {
    end()
    void desk.run(uploadSources, { ...offer, path: path.trim() || '~', type: typed })
  }
  return (
    <form
      ref={form}
      class="upload-offer"
      aria-label="Upload"
      onSubmit={(event) => {
        event.preventDefault()
        upload(false)
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') end()
      }}
    >
      <p>
        Upload {names.length === 1 ? <FileName name={names[0] ?? ''} /> : countText(names.length, 'item')} to this host
      </p>
      <Field
        label="Folder"
        mono
        autocapitalize="none"
        spellcheck={false}
        value={path}
        onInput={(event) => type(event.currentTarget.value)}
      />
      <div class="actions">
        <Button onClick={end}>Cancel</Button>
        <Button onClick={() => upload(true)}>Upload and type the path</Button>
        <Button kind="primary" type="submit">
          Upload
        </Button>
      </div>
    </form>
  )
}
