import { useMemo } from 'preact/hooks'
import { encode } from 'uqr'
import './QrCode.css'

/** Modules of white around the code (ISO/IEC 18004 §9.1). */
const QUIET = 4

/** A text as a QR code, dark on white in every theme; `name` is what it is for those who cannot see it. */
export function QrCode({ text, name }: { text: string; name: string }) {
  const { size, dark } = useMemo(() => {
    const { size, data } = encode(text, { boostEcc: true, border: QUIET })
    const cells = data.flatMap((row, y) => row.flatMap((on, x) => (on ? [`M${x} ${y}h1v1h-1z`] : [])))
    return { size, dark: cells.join('') }
  }, [text])
  return (
    <svg class="qr-code" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={name} shape-rendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={dark} fill="#000" />
    </svg>
  )
}
