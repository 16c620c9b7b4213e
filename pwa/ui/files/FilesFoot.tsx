import { Download, Ellipsis, Trash2, X } from 'lucide'
import { deleteFiles } from '../../commands/delete-files.ts'
import type { Directory } from '../../commands/directory.ts'
import { downloadFiles } from '../../commands/download-files.ts'
import { refreshFiles } from '../../commands/refresh-files.ts'
import { stopReading } from '../../commands/stop-reading.ts'
import { useDesk } from '../desk.ts'
import { countText, sizeText } from '../format.ts'
import { Button, IconButton } from '../kit/Button.tsx'
import type { Point } from './FileList.tsx'

/** The line below the list: what is selected, or how much there is and whether that is all. */
export function FilesFoot({ directory, menu }: { directory: Directory; menu(at: Point): void }) {
  const desk = useDesk()
  const picked = directory.picked.value
  const loading = directory.state.value === 'loading'
  const more = directory.more.value
  return (
    <footer class={picked.length ? 'files-foot chosen' : 'files-foot'}>
      <span role="status">
        {picked.length
          ? pickedTexts(directory).map((text, index) => <span key={index}>{index > 0 ? ` · ${text}` : text}</span>)
          : standText(directory)}
      </span>
      {loading && directory.count.value > 0 && (
        <Button kind="bare" onClick={() => void desk.run(stopReading)}>
          Stop
        </Button>
      )}
      {!loading && more === 'stopped' && !picked.length && (
        <Button kind="bare" onClick={() => void desk.run(refreshFiles)}>
          Read all
        </Button>
      )}
      {picked.length > 0 && (
        <>
          {[
            { command: downloadFiles, icon: Download },
            { command: deleteFiles, icon: Trash2 },
          ]
            .filter(({ command }) => desk.can(command))
            .map(({ command, icon }) => (
              <IconButton
                key={command.id}
                icon={icon}
                name={desk.title(command)}
                keys={desk.keys(command)}
                onClick={() => void desk.run(command)}
              />
            ))}
          <IconButton
            icon={Ellipsis}
            name="What can be done with the selected"
            aria-haspopup="menu"
            onClick={(event) => {
              const { left, top } = event.currentTarget.getBoundingClientRect()
              menu({ x: left, y: top })
            }}
          />
          <IconButton icon={X} name="Select nothing" onClick={() => directory.selectNone()} />
        </>
      )}
    </footer>
  )
}

/** `3 of 124 selected`, `4.1 MB`: directories have no size here. */
function pickedTexts({ picked, shown }: Directory): string[] {
  let [files, bytes, directories] = [0, 0, 0]
  for (const { type, size } of picked.value) {
    if (type === 'directory') directories++
    if (type !== 'file') continue
    files++
    bytes += size
  }
  return [
    `${picked.value.length.toLocaleString()} of ${shown.value.length.toLocaleString()} selected`,
    ...(files ? [sizeText(bytes)] : []),
    ...(directories ? [countText(directories, 'folder')] : []),
  ]
}

function standText(directory: Directory): string {
  const shown = directory.shown.value.length
  const visible = directory.visible.value.length
  const hidden = directory.hidden.value
  if (directory.state.value === 'loading' && directory.count.value) {
    return `Reading: ${countText(directory.count.value, 'entry', 'entries')} so far`
  }
  // What could not be read is not empty.
  if (visible === 0 && directory.state.value !== 'ready') return ''
  if (directory.arranging) return `Arranging ${countText(visible, 'entry', 'entries')}`
  return [
    shown === visible
      ? countText(shown, 'entry', 'entries')
      : `${shown.toLocaleString()} of ${countText(visible, 'entry', 'entries')}`,
    hidden && `${hidden.toLocaleString()} hidden`,
    directory.more.value === 'bound' && 'more exist, beyond what is listed',
    directory.more.value === 'stopped' && 'stopped before the end',
    directory.dropped.value && `${directory.dropped.value.toLocaleString()} left out, whose names no file can have`,
  ]
    .filter(Boolean)
    .join(' · ')
}
