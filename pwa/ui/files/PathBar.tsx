import { ChevronRight } from 'lucide'
import { useEffect, useRef } from 'preact/hooks'
import { openPath } from '../../commands/open-path.ts'
import type { TabView } from '../../model/tabs.ts'
import { useDesk } from '../desk.ts'
import { Icon } from '../kit/Icon.tsx'
import './PathBar.css'

/** Where one is: each directory on the way can be opened, and a click beside them lets the path be typed. */
export function PathBar({ tab, path }: { tab: TabView; path: string }) {
  const desk = useDesk()
  const { view } = desk
  const trail = useRef<HTMLElement>(null)
  const names = path.split('/').filter(Boolean)

  // The end of a long path is what counts.
  useEffect(() => {
    if (trail.current) trail.current.scrollLeft = trail.current.scrollWidth
  }, [path])

  if (view.typingPath.value === tab.id) return <TypePath path={path} />
  return (
    <nav ref={trail} class="path-bar" aria-label="Path">
      {path.startsWith('/') && (
        <button type="button" aria-label="Root directory" onClick={() => void desk.run(openPath, '/')}>
          /
        </button>
      )}
      {names.map((name, index) => {
        const whole = `/${names.slice(0, index + 1).join('/')}`
        return (
          <span key={whole}>
            {(index > 0 || path.startsWith('/')) && <Icon of={ChevronRight} size={12} />}
            <button
              type="button"
              aria-current={index === names.length - 1 ? 'page' : undefined}
              onClick={() => void desk.run(openPath, whole)}
            >
              <bdi>{name === '.' ? 'Home' : name}</bdi>
            </button>
          </span>
        )
      })}
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

function TypePath({ path }: { path: string }) {
  const desk = useDesk()
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.select(), [])
  const end = () => {
    desk.view.typingPath.value = undefined
  }
  return (
    <input
      ref={input}
      class="path-input mono"
      aria-label="Path"
      autofocus
      spellcheck={false}
      autocapitalize="none"
      value={path}
      onBlur={end}
      onKeyDown={(event) => {
        if (event.key === 'Escape') end()
        if (event.key !== 'Enter') return
        const wanted = event.currentTarget.value.trim()
        end()
        if (wanted) void desk.run(openPath, wanted)
      }}
    />
  )
}
