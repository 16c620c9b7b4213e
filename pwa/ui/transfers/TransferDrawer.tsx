import { Pause, Play, X } from 'lucide'
import { useEffect, useRef } from 'preact/hooks'
import { clearTransfers } from '../../commands/clear-transfers.ts'
import { pauseTransfers } from '../../commands/pause-transfers.ts'
import { resumeTransfers } from '../../commands/resume-transfers.ts'
import { showTransfers } from '../../commands/show-transfers.ts'
import { uploadFiles } from '../../commands/upload-files.ts'
import { uploadFolder } from '../../commands/upload-folder.ts'
import { useDesk } from '../desk.ts'
import { sizeText } from '../format.ts'
import { Button, IconButton } from '../kit/Button.tsx'
import { TransferRow } from './TransferRow.tsx'
import { leftText, rateText } from './transferText.ts'
import './TransferDrawer.css'

/** All transfers, over the corner of the window: they go on whether it is open or not. Esc closes it. */
export default function TransferDrawer() {
  const desk = useDesk()
  const { transfers } = desk.app
  const drawer = useRef<HTMLElement>(null)
  const items = transfers.items.value
  const { active, bytes, total, rate, left } = transfers.summary.value
  const all = [`${sizeText(bytes)} of ${sizeText(total)}`, ...(rate > 0 ? [rateText(rate)] : [])]
  if (left !== undefined) all.push(leftText(left))
  useEffect(() => {
    const before = document.activeElement
    drawer.current?.focus()
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  return (
    <section
      ref={drawer}
      class="transfers"
      aria-labelledby="transfers-title"
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key === 'Escape') void desk.run(showTransfers)
      }}
    >
      <header>
        <div class="transfers-title">
          <h2 id="transfers-title">Transfers</h2>
          {active > 0 && <p class="transfers-sum">{all.join(' · ')}</p>}
        </div>
        {desk.can(pauseTransfers) ? (
          <IconButton icon={Pause} name={desk.title(pauseTransfers)} onClick={() => void desk.run(pauseTransfers)} />
        ) : (
          desk.can(resumeTransfers) && (
            <IconButton icon={Play} name={desk.title(resumeTransfers)} onClick={() => void desk.run(resumeTransfers)} />
          )
        )}
        <IconButton icon={X} name="Close" onClick={() => void desk.run(showTransfers)} />
      </header>
      {items.length === 0 ? (
        <div class="transfers-none">
          <p>Nothing is on its way. Drop files on the list, on a folder, a tab or the terminal.</p>
          {desk.can(uploadFiles) && (
            <div class="transfers-offers">
              <Button onClick={() => void desk.run(uploadFiles)}>{desk.title(uploadFiles)}</Button>
              <Button onClick={() => void desk.run(uploadFolder)}>{desk.title(uploadFolder)}</Button>
            </div>
          )}
        </div>
      ) : (
        <ul>
          {items.map((item) => (
            <TransferRow key={item.id} item={item} />
          ))}
        </ul>
      )}
      {desk.can(clearTransfers) && (
        <footer>
          <Button kind="bare" onClick={() => void desk.run(clearTransfers)}>
            Clear finished
          </Button>
        </footer>
      )}
    </section>
  )
}
