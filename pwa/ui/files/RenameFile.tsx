import { useEffect, useId, useRef, useState } from 'preact/hooks'
import type { FileInfo } from '../../../shared/fileInfo.ts'
import { renameFile } from '../../commands/rename-file.ts'
import { failureOf } from '../../model/failure.ts'
import { nameProblem, stemOf } from '../../model/files/names.ts'
import { useDesk } from '../desk.ts'
import './RenameFile.css'

/** Stands in place of a file's name while it is being changed. Enter and leaving it keep, Escape does not; why it cannot be so stands below it. */
export default function RenameFile({ tabId, file }: { tabId: string; file: FileInfo }) {
  const desk = useDesk()
  const { view } = desk
  const input = useRef<HTMLInputElement>(null)
  const note = useRef<HTMLDivElement>(null)
  const id = useId()
  const [problem, tell] = useState<string>()
  /** As the field shows it, which leaves out line ends. */
  const before = useRef('')
  const over = useRef(false)
  const grid = useRef<HTMLElement | null>(null)
  useEffect(() => {
    const field = input.current
    if (!field) return
    before.current = field.value
    grid.current = field.closest('[role=grid]')
    field.focus()
    field.setSelectionRange(0, (file.type === 'directory' ? file.name : stemOf(file.name)).length)
  }, [])
  useEffect(() => {
    const [field, bubble] = [input.current, note.current]
    if (!problem || !field || !bubble) return
    bubble.showPopover()
    const { left, bottom, top } = field.getBoundingClientRect()
    const { height, width } = bubble.getBoundingClientRect()
    bubble.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`
    bubble.style.top = `${bottom + 4 + height < innerHeight ? bottom + 4 : top - height - 4}px`
  }, [problem])

  const done = (stay: boolean) => {
    over.current = true
    view.renamingFile.value = undefined
    if (stay) grid.current?.focus()
  }
  /** @param stay whether the keys stay in the list */
  const keep = async (stay: boolean) => {
    const name = input.current?.value ?? ''
    if (over.current) return
    if (name === before.current) return done(stay)
    const wrong = nameProblem(name)
    if (wrong) return stay ? tell(wrong) : done(false)
    over.current = true
    try {
      await renameFile.run(desk, { tabId, path: file.path, to: name })
      done(stay)
    } catch (error) {
      over.current = false
      const { message, remedy } = failureOf(error)
      if (stay) tell(`${message}. ${remedy}`)
      else {
        done(false)
        view.fail(error)
      }
    }
  }
  const own = (event: Event) => event.stopPropagation()
  return (
    <>
      <input
        ref={input}
        class="file-rename"
        aria-label={file.type === 'directory' ? 'Name of the folder' : 'Name of the file'}
        aria-invalid={problem ? 'true' : undefined}
        aria-describedby={problem ? id : undefined}
        defaultValue={file.name}
        autocapitalize="none"
        autocomplete="off"
        spellcheck={false}
        maxLength={255}
        onInput={() => tell(undefined)}
        onBlur={() => void keep(false)}
        onPointerDown={own}
        onClick={own}
        onDblClick={own}
        onContextMenu={own}
        onKeyDown={(event) => {
          event.stopPropagation()
          if (event.isComposing) return
          if (event.key === 'Enter') void keep(true)
          if (event.key === 'Escape') done(true)
        }}
      />
      {problem && (
        <div ref={note} id={id} popover="manual" class="file-rename-note" role="alert">
          {problem}
        </div>
      )}
    </>
  )
}
