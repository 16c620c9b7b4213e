import { openVault } from '../../commands/open-vault.ts'
import { setTheme } from '../../commands/set-theme.ts'
import { showStorage } from '../../commands/show-storage.ts'
import { useDesk } from '../desk.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Check, Choice, Field } from '../kit/Field.tsx'
import './SettingsSheet.css'

const themes = [
  { value: 'system', text: 'As the system' },
  { value: 'dark', text: 'Dark' },
  { value: 'light', text: 'Light' },
] as const

const predictions = [
  { value: 'auto', text: 'On slow lines' },
  { value: 'always', text: 'Always' },
  { value: 'never', text: 'Never' },
] as const

const verifications = [
  { value: 'size', text: 'By size' },
  { value: 'hash', text: 'By SHA-256' },
] as const

/** Everything that can be set, on one page; each change holds at once. */
export default function SettingsSheet({ close }: { close(): void }) {
  const desk = useDesk()
  const { settings } = desk.app
  const now = settings.value.value
  const set = (change: Parameters<typeof settings.set>[0]) =>
    void settings.set(change).catch((error) => desk.view.fail(error))
  return (
    <Dialog
      title="Settings"
      onClose={close}
      onSubmit={close}
      actions={
        <>
          <Button kind="bare" onClick={() => void desk.run(showStorage)}>
            What is kept here?
          </Button>
          <Button kind="bare" onClick={() => void desk.run(openVault)}>
            Vault
          </Button>
          <span class="rest" />
          <Button kind="primary" type="submit">
            Done
          </Button>
        </>
      }
    >
      <p>They are kept in this browser and hold in all its windows.</p>
      <div class="settings">
        <Choice label="Theme" value={now.theme} of={themes} onChange={(theme) => void desk.run(setTheme, theme)} />
        <Field
          label="Type size"
          type="number"
          min={6}
          max={40}
          step={0.5}
          value={now.fontSize}
          onChange={(event) => set({ fontSize: event.currentTarget.valueAsNumber || 13.5 })}
        />
        <Field
          label="Scrollback lines"
          type="number"
          min={0}
          max={200_000}
          step={1000}
          value={now.scrollback}
          onChange={(event) => set({ scrollback: event.currentTarget.valueAsNumber || 0 })}
        />
        <Choice
          label="Predict echo"
          value={now.predictEcho}
          of={predictions}
          onChange={(predictEcho) => set({ predictEcho })}
        />
        <Choice
          label="Verify transfers"
          value={now.verifyTransfers}
          of={verifications}
          onChange={(verifyTransfers) => set({ verifyTransfers })}
        />
      </div>
      <div>
        <Check
          label="Ask before several lines are pasted"
          hint="A shell may run each line at once."
          checked={now.confirmMultiLinePaste}
          onChange={(confirmMultiLinePaste) => set({ confirmMultiLinePaste })}
        />
        <Check
          label="Copy what is selected"
          checked={now.copyOnSelect}
          onChange={(copyOnSelect) => set({ copyOnSelect })}
        />
        <Check label="Blinking cursor" checked={now.cursorBlink} onChange={(cursorBlink) => set({ cursorBlink })} />
        <Check label="Show hidden files" checked={now.hiddenFiles} onChange={(hiddenFiles) => set({ hiddenFiles })} />
        <Check label="Wrap long lines of files" checked={now.wrapLines} onChange={(wrapLines) => set({ wrapLines })} />
        <Check
          label="Move what is deleted to the trash of the host"
          hint="It lies in ~/.local/share/Trash there, and can be had back."
          checked={now.trash}
          onChange={(trash) => set({ trash })}
        />
      </div>
    </Dialog>
  )
}
