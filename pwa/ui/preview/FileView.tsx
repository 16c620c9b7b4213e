import { ArrowLeft, ChevronLeft, ChevronRight, Ellipsis, Maximize2, Minimize2, PencilLine, Save } from 'lucide'
import { useEffect, useRef } from 'preact/hooks'
import { closeFile } from '../../commands/close-file.ts'
import type { Command } from '../../commands/command.ts'
import { downloadFiles } from '../../commands/download-files.ts'
import { findInFile } from '../../commands/find-in-file.ts'
import { followFile } from '../../commands/follow-file.ts'
import { goToLine } from '../../commands/go-to-line.ts'
import { nextFile } from '../../commands/next-file.ts'
import { openLocally } from '../../commands/open-locally.ts'
import { previousFile } from '../../commands/previous-file.ts'
import { reloadFile } from '../../commands/reload-file.ts'
import { saveEdits } from '../../commands/save-edits.ts'
import { toggleEditing } from '../../commands/toggle-editing.ts'
import { widenFile } from '../../commands/widen-file.ts'
import { wrapLines } from '../../commands/wrap-lines.ts'
import type { Viewer } from '../../model/preview/viewer.ts'
import { useDesk } from '../desk.ts'
import { FileName } from '../files/FileName.tsx'
import { Button, IconButton } from '../kit/Button.tsx'
import { Dot } from '../kit/Dot.tsx'
import { Menu } from '../kit/Menu.tsx'
import { useNarrow } from '../media.ts'
import { ContentView } from './ContentView.tsx'
import { LeaveDialog } from './LeaveDialog.tsx'
import { SaveDialog } from './SaveDialog.tsx'
import './FileView.css'

/** Where a key goes to another control than the one that shows the file. */
const controls = 'input, select, textarea, button, video, audio, [contenteditable=true], dialog'

/** One file of a host over the list: what is in it, and what can be done with it. */
export default function FileView({ tabId, viewer }: { tabId: string; viewer: Viewer }) {
  const desk = useDesk()
  const { view, app } = desk
  const narrow = useNarrow()
  const pane = useRef<HTMLElement>(null)
  const content = viewer.content.value
  const text = content.kind === 'text' ? content.text : undefined
  const editing = viewer.editing.value
  const editor = viewer.editor.value
  const wide = view.wideFile.value && !narrow
  const { name } = viewer.file

  useEffect(() => {
    pane.current?.focus()
    const leave = pane.current
    return () => {
      // Whoever was here is back in the list.
      if (leave?.contains(document.activeElement) || document.activeElement === document.body) {
        requestAnimationFrame(() => document.querySelector<HTMLElement>(`#files-${tabId} .file-grid`)?.focus())
      }
    }
  }, [])
  useEffect(() => {
    if (content.kind === 'text' || content.kind === 'part') editor?.focus()
  }, [editor])

  const keys: Record<string, Command> = { ArrowLeft: previousFile, ArrowRight: nextFile }
  const pressed = (event: KeyboardEvent) => {
    if (event.defaultPrevented || !(event.target instanceof HTMLElement)) return
    const elsewhere = event.target.closest(controls) !== null
    const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey
    const command = plain && !elsewhere && text === undefined && content.kind !== 'part' ? keys[event.key] : undefined
    if (event.key === 'Escape' && event.target.closest('dialog, [popover]') === null) run(closeFile)
    else if (event.key.toLowerCase() === 's' && (event.ctrlKey || event.metaKey) && !event.shiftKey) run(saveEdits)
    else if (command) run(command)
    else return
    event.preventDefault()
  }
  // Before the editor takes them: to move by words means something only where one edits.
  const captured = (event: KeyboardEvent) => {
    const command = keys[event.key]
    if (!command || !event.altKey || editing || event.ctrlKey || event.shiftKey || event.metaKey) return
    event.preventDefault()
    event.stopPropagation()
    run(command)
  }
  const run = (command: Command) => void desk.run(command)
  const item = (command: Command, more: { keys?: string; checked?: boolean; text?: string } = {}) =>
    desk.can(command) ? [{ text: desk.title(command), run: () => run(command), ...more }] : []
  const of = { tabId, file: viewer.file }
  return (
    <section
      ref={pane}
      class={wide ? 'file-view wide' : 'file-view'}
      aria-label={`File ${name}`}
      tabIndex={-1}
      onKeyDown={pressed}
      onKeyDownCapture={captured}
      onFocusCapture={() => {
        view.filesSide.value = view.beside.peek() === tabId ? 'beside' : 'own'
      }}
    >
      <header class="file-view-head">
        <IconButton icon={ArrowLeft} name="Back to the list" keys="Esc" onClick={() => run(closeFile)} />
        <h2>
          <FileName name={name} />
          {text?.changed.value && <Dot state="busy" name="Not saved" />}
        </h2>
        {!narrow && (
          <>
            <IconButton icon={ChevronLeft} name="Previous file" keys="Alt ←" onClick={() => run(previousFile)} />
            <IconButton icon={ChevronRight} name="Next file" keys="Alt →" onClick={() => run(nextFile)} />
            <IconButton
              icon={wide ? Minimize2 : Maximize2}
              name={desk.title(widenFile)}
              onClick={() => run(widenFile)}
            />
          </>
        )}
        {text && !editing && text.keeps.value && (
          <Button icon={PencilLine} onClick={() => run(toggleEditing)}>
            Edit
          </Button>
        )}
        {text && editing && (
          <Button
            kind="primary"
            icon={Save}
            disabled={!text.changed.value || text.saving.value}
            data-tip="Save"
            data-tip-keys={app.platform.apple ? '⌘S' : 'Ctrl S'}
            onClick={() => run(saveEdits)}
          >
            {text.saving.value ? 'Saving' : 'Save'}
          </Button>
        )}
        <Menu
          name="More"
          icon={Ellipsis}
          items={[
            ...(narrow ? [...item(previousFile), ...item(nextFile)] : []),
            ...(editing ? item(toggleEditing) : []),
            ...item(findInFile, { text: 'Find', keys: app.platform.apple ? '⌘F' : 'Ctrl F' }),
            ...item(goToLine, { text: 'Go to line' }),
            ...item(wrapLines, { text: 'Wrap lines', checked: app.settings.value.value.wrapLines }),
            ...item(reloadFile, { text: 'Read it again' }),
            ...(text || content.kind === 'part'
              ? [{ text: 'Follow the end', run: () => void desk.run(followFile, of) }]
              : []),
            ...item(downloadFiles),
            { text: desk.title(openLocally as Command), run: () => void desk.run(openLocally, of) },
          ]}
        />
      </header>
      <ContentView tabId={tabId} viewer={viewer} />
      {text?.question.value && <SaveDialog text={text} question={text.question.value} name={name} />}
      {viewer.leaving.value && <LeaveDialog viewer={viewer} leaving={viewer.leaving.value} />}
    </section>
  )
}
