/** CSS pixels: the least that either side keeps, and one step by key. */
const least = 220
const step = 24

/** The border between terminal and files; `size` is that of the files, across, or down where `upright`. `preview` follows the pointer, `change` is for good. */
export function Divider({
  size,
  upright,
  whole,
  preview,
  change,
}: {
  size: number
  upright: boolean
  whole(): number
  preview(size: number): void
  change(size: number): void
}) {
  const within = (wanted: number) => Math.round(Math.max(least, Math.min(whole() - least, wanted)))
  const at = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    const { right = innerWidth, bottom = innerHeight } =
      event.currentTarget.parentElement?.getBoundingClientRect() ?? {}
    return within(upright ? bottom - event.clientY : right - event.clientX)
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a window splitter is no thematic break
    <div
      class="divider"
      role="separator"
      aria-orientation={upright ? 'horizontal' : 'vertical'}
      aria-label="Size of the files"
      aria-valuenow={size}
      aria-valuemin={least}
      tabIndex={0}
      onPointerDown={(event) => {
        event.preventDefault()
        event.currentTarget.setPointerCapture(event.pointerId)
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) preview(at(event))
      }}
      onPointerUp={(event) => change(at(event))}
      onKeyDown={(event) => {
        const by = { ArrowLeft: step, ArrowRight: -step, ArrowUp: step, ArrowDown: -step }[event.key]
        if (!by) return
        event.preventDefault()
        change(within(size + by))
      }}
    />
  )
}
