import type { IconNode } from 'lucide'
import { h } from 'preact'
import './Icon.css'

export type { IconNode }

/** A Lucide icon, drawn at 16 px with a stroke of 1.5. Without a name it is decoration and hidden from readers. */
export function Icon({ of, name, size = 16 }: { of: IconNode; name?: string; size?: number }) {
  return (
    // biome-ignore lint/a11y/noSvgWithoutTitle: named by aria-label, or hidden; a title would show a second tooltip
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width={(1.5 * 24) / size}
      stroke-linecap="round"
      stroke-linejoin="round"
      {...(name ? { role: 'img', 'aria-label': name } : { 'aria-hidden': 'true' })}
    >
      {of.map(([tag, attributes], index) => h(tag, { key: index, ...attributes }))}
    </svg>
  )
}
