import { showWatched } from '../../commands/show-watched.ts'
import { useDesk } from '../desk.ts'
import { countText } from '../format.ts'
import { Dot, type DotState } from '../kit/Dot.tsx'

/** How many files are open in programs of this device, and whether one of them needs a decision; a click shows them. */
export function WatchedStatus() {
  const desk = useDesk()
  const watched = desk.view.watched.value
  if (watched.length === 0) return null
  const states = watched.map(({ state }) => state.value.kind)
  const dot: DotState = states.includes('failed')
    ? 'bad'
    : states.some((kind) => kind === 'changed' || kind === 'in-place')
      ? 'warn'
      : states.includes('uploading')
        ? 'busy'
        : 'ok'
  return (
    <button
      type="button"
      class="status-item"
      data-tip={desk.title(showWatched)}
      onClick={() => void desk.run(showWatched)}
    >
      <Dot state={dot} />
      <span>{countText(watched.length, 'file')} watched</span>
    </button>
  )
}
