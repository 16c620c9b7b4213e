import { useDesk } from '../desk.ts'
import { Choice } from '../kit/Field.tsx'

/** Where the secret of a key goes, and what that means. Without a vault there is nothing to choose. */
export function KeepChoice({ keep, choose }: { keep: 'device' | 'vault'; choose(keep: 'device' | 'vault'): void }) {
  const { app } = useDesk()
  const vault = app.vault.state.value !== 'none'
  return (
    <>
      {vault && (
        <Choice
          label="Keep it"
          value={keep}
          of={[
            { value: 'vault', text: 'In the vault' },
            { value: 'device', text: 'In this browser, without the vault' },
          ]}
          onChange={choose}
        />
      )}
      <p>
        {vault && keep === 'vault'
          ? 'It is encrypted by the vault, and can sign while the vault is open.'
          : 'It can sign in this browser and cannot be taken out of it: neither exported, nor read by this app. Whoever uses this browser can log in with it.'}
      </p>
    </>
  )
}

/** Where a new secret goes if the person does not choose: into the vault where there is one. */
export function useDefaultKeep(): 'device' | 'vault' {
  return useDesk().app.vault.state.value === 'none' ? 'device' : 'vault'
}
