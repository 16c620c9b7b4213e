import { Bell, X } from 'lucide'
import { closeTab } from '../../commands/close-tab.ts'
import { moveTab } from '../../commands/move-tab.ts'
import { renameTab } from '../../commands/rename-tab.ts'
import { showTab } from '../../commands/show-tab.ts'
import type { TabView } from '../../model/tabs.ts'
import { useDesk } from '../desk.ts'
import { fileDrop } from '../files/fileDrop.ts'
import { Dot } from '../kit/Dot.tsx'
import { Icon } from '../kit/Icon.tsx'
import { RenameTab } from './RenameTab.tsx'
import { tabState } from './state.ts'

/** What a dragged tab carries: its id, under a type that nothing else takes. */
const dragType = 'application/x-fairlead-tab'

/** One tab: its state, its name, and on hover or focus the way to close it. */
export function TabItem({ tab, index, active }: { tab: TabView; index: number; active: boolean }) {
  const desk = useDesk()
  const { view } = desk
  const { dot, name } = tabState(tab)
  const title = tab.title.value
  const drop = (event: DragEvent) => {
    const id = event.dataTransfer?.getData(dragType)
    if (!id) return
    event.preventDefault()
    void desk.run(moveTab, { id, to: index })
  }
  if (view.renaming.value === tab.id) {
    return (
      <div class="tab active" role="presentation">
        <RenameTab tab={tab} />
      </div>
    )
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what is done here by mouse, its button and commands do by key
    <div
      class={active ? 'tab active' : 'tab'}
      role="presentation"
      {...fileDrop('tab', tab.id)}
      draggable
      onDragStart={(event) => event.dataTransfer?.setData(dragType, tab.id)}
      onDragOver={(event) => event.dataTransfer?.types.includes(dragType) && event.preventDefault()}
      onDrop={drop}
      onAuxClick={(event) => event.button === 1 && void desk.run(closeTab, tab.id)}
      onDblClick={() => void desk.run(renameTab, tab.id)}
    >
      <button
        type="button"
        id={`tab-${tab.id}`}
        class="tab-main"
        role="tab"
        aria-selected={active}
        aria-controls={`panel-${tab.id}`}
        tabIndex={active ? 0 : -1}
        data-tip={title}
        onClick={() => void desk.run(showTab, tab.id)}
        onKeyDown={(event) => {
          if (event.key === 'F2') void desk.run(renameTab, tab.id)
          if (event.key === 'Delete') void desk.run(closeTab, tab.id)
        }}
      >
        <Dot state={dot} name={name} />
        <bdi class="tab-title">{title}</bdi>
        {view.rung.value.has(tab.id) && <Icon of={Bell} name="The bell rang" size={13} />}
      </button>
      <button
        type="button"
        class="tab-close"
        tabIndex={-1}
        aria-hidden="true"
        data-tip="Close tab"
        data-tip-keys={desk.keys(closeTab)}
        onClick={() => void desk.run(closeTab, tab.id)}
      >
        <Icon of={X} size={14} />
      </button>
    </div>
  )
}
