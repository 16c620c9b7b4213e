import { LockKeyhole, LockKeyholeOpen } from 'lucide'
import { lockVault } from '../../commands/lock-vault.ts'
import { unlockVault } from '../../commands/unlock-vault.ts'
import { useDesk } from '../desk.ts'
import { Icon } from '../kit/Icon.tsx'

/** Whether the vault is open, in the line at the foot; a click turns it. Nothing where there is none. */
export function VaultStatus() {
  const desk = useDesk()
  const state = desk.app.vault.state.value
  if (state === 'none') return null
  const open = state === 'open'
  return (
    <button
      type="button"
      class="status-item"
      aria-label={open ? 'Vault open: lock it' : 'Vault locked: unlock it'}
      data-tip={open ? 'Lock the vault' : 'Unlock the vault'}
      onClick={() => void desk.run(open ? lockVault : unlockVault)}
    >
      <Icon of={open ? LockKeyholeOpen : LockKeyhole} size={14} />
      <span>{open ? 'Vault open' : 'Vault locked'}</span>
    </button>
  )
}
