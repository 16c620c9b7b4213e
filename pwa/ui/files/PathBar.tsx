import { ChevronRight, Ellipsis } from 'lucide'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { nameText } from '../../commands/fileWords.ts'
import { openPath } from '../../commands/open-path.ts'
import type { TabView } from '../../model/tabs.ts'
import { useDesk } from '../desk.ts'
import { Icon } from '../kit/Icon.tsx'
import { Menu } from '../kit/Menu.tsx'
import { FileName } from './FileName.tsx'
import { fileDrop } from './fileDrop.ts'
import { TypePath } from './TypePath.tsx'
import './PathBar.css'

/** Where one is: each directory on the way can be opened, and a click beside them lets the path be typed. */
export function PathBar({
  tab,
  path,
  shown,
  label,
}: {
  tab: TabView
  path: string
  shown: boolean
  /** What a reader of the screen calls it. */
  label: string
}) {
  const desk = useDesk()
  if (shown && desk.view.typingPath.value === tab.id) return <TypePath tab={tab} path={path} />
  return <Trail key={path} tab={tab} path={path} label={label} />
}

/** What does not fit is in a menu at its beginning: the end of a long path is what counts. */
function Trail({ tab, path, label }: { tab: TabView; path: string; label: string }) {
  const desk = useDesk()
  const trail = useRef<HTMLElement>(null)
  const [left, leave] = useState(0)
  const names = path.split('/').filter(Boolean)
  const rooted = path.startsWith('/')
  const crumbs = names.map((name, index) => ({
    name,
    whole: `${rooted ? '/' : ''}${names.slice(0, index + 1).join('/')}`,
  }))
  const out = Math.min(left, crumbs.length - 1)

  // One is taken out at a time until the rest has room.
  useLayoutEffect(() => {
    const element = trail.current
    if (!element) return
    const crowd = () => {
      if (element.scrollWidth > element.clientWidth) leave((count) => Math.min(count + 1, names.length))
    }
    crowd()
    let width = element.clientWidth
    const sized = new ResizeObserver(() => {
      if (element.clientWidth > width) leave(0)
      width = element.clientWidth
      crowd()
    })
    sized.observe(element)
    return () => sized.disconnect()
  }, [left])

  const open = (whole: string) => void desk.run(openPath, whole)
  return (
    <nav ref={trail} class={out === crumbs.length - 1 ? 'path-bar least' : 'path-bar'} aria-label={label}>
      {rooted && (
        <button type="button" aria-label="Root folder" {...fileDrop('crumb', tab.id, '/')} onClick={() => open('/')}>
          /
        </button>
      )}
      {out > 0 && (
        <span>
          <Menu
            name="Folders above"
            icon={Ellipsis}
            items={crumbs
              .slice(0, out)
              .map(({ name, whole }) => ({ id: whole, text: nameText(name), run: () => open(whole) }))}
          />
        </span>
      )}
      {crumbs.slice(out).map(({ name, whole }, index) => (
        <span key={whole}>
          {(index > 0 || rooted) && <Icon of={ChevronRight} size={12} />}
          <button
            type="button"
            aria-current={whole === path ? 'page' : undefined}
            {...fileDrop('crumb', tab.id, whole)}
            onClick={() => open(whole)}
          >
            {name === '.' ? 'Home' : <FileName name={name} />}
          </button>
        </span>
      ))}
      <button
        type="button"
        class="path-type"
        aria-label="Type a path"
        data-tip="Type a path"
        data-tip-keys={desk.keys(openPath)}
        onClick={() => void desk.run(openPath)}
      />
    </nav>
  )
}
