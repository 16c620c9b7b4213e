import type { Terminal as Xterm } from '@xterm/xterm'

/** Drawings after which contrasts are computed anew; one has a few thousand pairs of colours at most. */
const DRAWINGS = 64

// What is replaced here is private to xterm, which is pinned; `test/long/escapes.test.ts` fails when it moves.
interface Colours {
  contrastCache: { clear(): void }
  halfContrastCache: { clear(): void }
}

interface ThemeService {
  readonly colors: Colours
  _onChangeColors: { fire(colors: Colours): void }
}

/**
 * Bounds what colours cost a page. xterm writes all of its styles anew with each colour that a program sets, which now
 * happens once in a frame; and it keeps the contrast of every pair of colours that it ever drew, hundreds of megabytes of
 * them where a program plays a video. Returns what ends it.
 * @param xterm opened
 */
export function boundColours(xterm: Xterm): () => void {
  const theme = (xterm as unknown as { _core: { _themeService: ThemeService } })._core._themeService
  const changed = theme._onChangeColors
  const tell = changed.fire.bind(changed)
  let frame: number | undefined
  changed.fire = () => {
    frame ??= requestAnimationFrame(() => {
      frame = undefined
      tell(theme.colors)
    })
  }
  let drawings = 0
  const rendered = xterm.onRender(() => {
    if (++drawings % DRAWINGS) return
    theme.colors.contrastCache.clear()
    theme.colors.halfContrastCache.clear()
  })
  return () => {
    rendered.dispose()
    if (frame !== undefined) cancelAnimationFrame(frame)
  }
}
