import { showTransfers } from '../../commands/show-transfers.ts'
import { useDesk } from '../desk.ts'
import { summaryText } from './transferText.ts'

const kinds = { '↑': 'Uploading ', '↓': 'Downloading ', '⇄': 'Transferring ', '': '' }

/** How the transfers stand, in the line at the foot; a click opens their drawer. Nothing where there are none. */
export default function TransferStatus() {
  const desk = useDesk()
  const { items, summary } = desk.app.transfers
  const said = summaryText(items.value, summary.value)
  if (!said) return null
  return (
    <button
      type="button"
      class={said.alarm ? 'status-item transfers-status alarm' : 'status-item transfers-status'}
      aria-expanded={desk.view.transfers.value}
      data-tip="Transfers"
      onClick={() => void desk.run(showTransfers)}
    >
      {said.sign && (
        <>
          <span class="quiet">{kinds[said.sign]}</span>
          <b aria-hidden="true">{said.sign}</b>
        </>
      )}
      <span>{said.text}</span>
    </button>
  )
}
