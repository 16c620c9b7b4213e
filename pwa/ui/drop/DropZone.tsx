import { useSignal } from '@preact/signals'
import { CornerDownRight, Upload } from 'lucide'
import { useEffect } from 'preact/hooks'
import { placeText } from '../../commands/uploadPlace.ts'
import { useDesk } from '../desk.ts'
import { countText } from '../format.ts'
import { Icon } from '../kit/Icon.tsx'
import { type Box, type Dropping, listenForDrops } from './listenForDrops.ts'
import { listenForPastes } from './listenForPastes.ts'
import './DropZone.css'

/** Takes files that are dropped anywhere they can go, and while they are held over such a place shows it and says what would be done. */
export function DropZone() {
  const desk = useDesk()
  const dropping = useSignal<Dropping | undefined>(undefined)
  useEffect(() => listenForDrops(desk, dropping), [desk, dropping])
  useEffect(() => listenForPastes(desk), [desk])
  const now = dropping.value
  const tab = desk.app.tabs.get(now?.tabId)
  if (!now || !tab) return null
  const { box, on, pane, path, type } = now
  const items = now.count === undefined ? 'files' : countText(now.count, 'item')
  const place = path === undefined ? undefined : placeText(tab, path)
  const choices =
    on === 'terminal' && place !== undefined
      ? [
          { icon: Upload, over: !type, text: `Upload ${items} to`, rest: '' },
          { icon: CornerDownRight, over: type, text: `Upload ${items} to`, rest: ' and type the path' },
        ]
      : [
          {
            icon: Upload,
            over: true,
            text: `Upload ${items} to`,
            rest: on === 'tab' ? ` on ${tab.record.value.label}` : '',
          },
        ]
  const small = on === 'folder' || on === 'crumb' || on === 'tab'
  return (
    <div class="drop" role="status">
      <div
        class={`drop-place ${on}`}
        style={{ left: `${box.left}px`, top: `${box.top}px`, width: `${box.width}px`, height: `${box.height}px` }}
      >
        {!small && choices.map((choice) => <Choice key={choice.rest} {...choice} place={place} />)}
      </div>
      {small && (
        <div class="drop-note" style={pane ? within(pane) : beside(box)}>
          {choices.map((choice) => (
            <Choice key={choice.rest} {...choice} place={place} />
          ))}
        </div>
      )}
    </div>
  )
}

function Choice({
  icon,
  over,
  text,
  place,
  rest,
}: {
  icon: typeof Upload
  over: boolean
  text: string
  place: string | undefined
  rest: string
}) {
  return (
    <div class={over ? 'drop-choice over' : 'drop-choice'}>
      <span class="drop-pill">
        <Icon of={icon} />
        <span class="drop-text">
          {text} {place === undefined ? 'this host' : <bdi class="mono">{place}</bdi>}
          {rest}
        </span>
      </span>
    </div>
  )
}

/** At the foot of the list, so that its rows stay in sight. */
function within({ left, top, width, height }: Box): Record<string, string> {
  return { left: `${left + 8}px`, width: `${width - 16}px`, bottom: `${innerHeight - top - height + 16}px` }
}

/** Below what is small, or above it where there is no room. */
function beside({ left, top, height }: Box): Record<string, string> {
  const at = { left: `${Math.max(8, Math.min(left, innerWidth - 268))}px` }
  const below = top + height + 6
  return below + 44 < innerHeight ? { ...at, top: `${below}px` } : { ...at, bottom: `${innerHeight - top + 6}px` }
}
