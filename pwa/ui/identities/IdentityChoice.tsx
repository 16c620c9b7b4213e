import { useDesk } from '../desk.ts'
import { Choice } from '../kit/Field.tsx'
import { keyTypeText } from '../prompts/keyType.ts'

const ASK = ''

/** Chooses what logs in somewhere: one of the kept keys and passwords, or the person each time. */
export function IdentityChoice({
  label,
  value,
  choose,
}: {
  label: string
  value: string | undefined
  choose(id: string | undefined): void
}) {
  const { app } = useDesk()
  const kept = app.identities.list.value
  const known = kept.some(({ id }) => id === value) ? value : undefined
  return (
    <Choice
      label={label}
      value={known ?? ASK}
      of={[
        { value: ASK, text: 'Ask each time' },
        ...kept.map(({ id, label, kind, keyType = '' }) => ({
          value: id,
          text: `${label} (${kind === 'key' ? `${keyTypeText(keyType)} key` : 'password'})`,
        })),
      ]}
      onChange={(id) => choose(id || undefined)}
    />
  )
}
