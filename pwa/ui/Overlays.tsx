import { useEffect } from 'preact/hooks'
import { activeScreen } from '../commands/activeTab.ts'
import type { Sheet } from '../commands/view.ts'
import { useDesk } from './desk.ts'
import { lazy } from './kit/Lazy.tsx'
import { useTypedAhead } from './useTypedAhead.ts'

const Palette = lazy(() => import('./palette/Palette.tsx').then((module) => module.default))
const PromptDialog = lazy(() => import('./prompts/PromptDialog.tsx').then((module) => module.default))
const QuestionDialog = lazy(() => import('./sheets/QuestionDialog.tsx').then((module) => module.default))
const SettingsSheet = lazy(() => import('./sheets/SettingsSheet.tsx').then((module) => module.default))
const RelaysSheet = lazy(() => import('./sheets/RelaysSheet.tsx').then((module) => module.default))
const RelayLoginSheet = lazy(() => import('./sheets/RelayLoginSheet.tsx').then((module) => module.default))
const KeysSheet = lazy(() => import('./sheets/KeysSheet.tsx').then((module) => module.default))
const KnownHostsSheet = lazy(() => import('./sheets/KnownHostsSheet.tsx').then((module) => module.default))
const SessionsSheet = lazy(() => import('./sheets/SessionsSheet.tsx').then((module) => module.default))
const HandOffSheet = lazy(() => import('./sheets/HandOffSheet.tsx').then((module) => module.default))
const ArrivalSheet = lazy(() => import('./sheets/ArrivalSheet.tsx').then((module) => module.default))
const ConflictDialog = lazy(() => import('./transfers/ConflictDialog.tsx').then((module) => module.default))
const SharedSheet = lazy(() => import('./transfers/SharedSheet.tsx').then((module) => module.default))
const FileDialogs = lazy(() => import('./files/dialogs/FileDialogs.tsx').then((module) => module.default))
const IdentitiesSheet = lazy(() => import('./identities/IdentitiesSheet.tsx').then((module) => module.default))
const IdentitySheet = lazy(() => import('./identities/IdentitySheet.tsx').then((module) => module.default))
const MakeKeySheet = lazy(() => import('./identities/MakeKeySheet.tsx').then((module) => module.default))
const ImportKeySheet = lazy(() => import('./identities/ImportKeySheet.tsx').then((module) => module.default))
const AddPasswordSheet = lazy(() => import('./identities/AddPasswordSheet.tsx').then((module) => module.default))
const InstallKeySheet = lazy(() => import('./identities/InstallKeySheet.tsx').then((module) => module.default))
const FilesAsRootSheet = lazy(() => import('./files/FilesAsRootSheet.tsx').then((module) => module.default))
const FilesBesideSheet = lazy(() => import('./files/FilesBesideSheet.tsx').then((module) => module.default))
const EditHostSheet = lazy(() => import('./sheets/EditHostSheet.tsx').then((module) => module.default))
const VaultSheet = lazy(() => import('./vault/VaultSheet.tsx').then((module) => module.default))
const SetUpVaultSheet = lazy(() => import('./vault/SetUpVaultSheet.tsx').then((module) => module.default))
const UnlockVaultSheet = lazy(() => import('./vault/UnlockVaultSheet.tsx').then((module) => module.default))
const VaultPassphraseSheet = lazy(() => import('./vault/VaultPassphraseSheet.tsx').then((module) => module.default))
const RemoveVaultSheet = lazy(() => import('./vault/RemoveVaultSheet.tsx').then((module) => module.default))
const ExportSheet = lazy(() => import('./vault/ExportSheet.tsx').then((module) => module.default))
const ImportSheet = lazy(() => import('./vault/ImportSheet.tsx').then((module) => module.default))
const StorageSheet = lazy(() => import('./vault/StorageSheet.tsx').then((module) => module.default))
const WatchedSheet = lazy(() => import('./preview/WatchedSheet.tsx').then((module) => module.default))
const RelaySightSheet = lazy(() => import('./vault/RelaySightSheet.tsx').then((module) => module.default))

/** What stands over everything else: a relay's question about the tab in front, the app's own, or a sheet. */
export function Overlays() {
  const desk = useDesk()
  const { app, view } = desk
  const prompt = app.prompts.open.value.find((open) => open.tabId === app.tabs.active.value)
  const question = view.question.value
  const sheet = view.sheet.value
  const conflict = app.transfers.conflict.value
  const arrived = view.handOff.value
  const own = arrived && app.endpoints.list.value.find((relay) => relay.own)
  const covered = app.settings.value.value.coverWhenLocked && app.vault.state.value === 'locked'
  const unlocking = covered || app.vault.asked.value
  const free = !unlocking && !prompt && !question && !sheet && !own && !conflict
  useEffect(() => {
    // Whoever had the focus before may be gone or hidden by now: then the terminal has the keys.
    if (free && (document.activeElement ?? document.body) === document.body) activeScreen(desk)?.focus()
  }, [free, desk])
  if (covered) return <UnlockVaultSheet cover />
  return (
    <>
      {sheet && <SheetView sheet={sheet} />}
      {own && arrived && !sheet && !prompt && <ArrivalSheet handOff={arrived} endpoint={own} />}
      {prompt && !sheet && <PromptDialog key={`${prompt.id} ${promptRound(prompt.question)}`} prompt={prompt} />}
      {conflict && !sheet && !prompt && !question && (
        <ConflictDialog key={`${conflict.transferId} ${conflict.path}`} conflict={conflict} />
      )}
      {question && <QuestionDialog question={question} />}
      {unlocking && <UnlockVaultSheet cover={false} />}
    </>
  )
}

/** A question that becomes another begins anew. */
function promptRound(question: object): string {
  return 'judgement' in question ? String(question.judgement) : ''
}

function PaletteSheet({ close }: { close(): void }) {
  const { view } = useDesk()
  const load = () =>
    Palette.preload().catch((error: unknown) => {
      view.fail(error)
      throw error
    })
  return <Palette typed={useTypedAhead(load, close)} close={close} />
}

function SheetView({ sheet }: { sheet: Sheet }) {
  const { app, view } = useDesk()
  const close = () => {
    if (view.sheet.peek() === sheet) view.sheet.value = undefined
  }
  switch (sheet.kind) {
    case 'palette':
      return <PaletteSheet close={close} />
    case 'settings':
      return <SettingsSheet close={close} />
    case 'relays':
      return <RelaysSheet key={view.launch.value.relay} add={sheet.add ?? false} close={close} />
    case 'relay-login': {
      const relay = app.endpoints.view(sheet.endpointId)
      return relay ? <RelayLoginSheet view={relay} close={close} /> : null
    }
    case 'keys':
      return <KeysSheet close={close} />
    case 'known-hosts':
      return <KnownHostsSheet read={sheet.read ?? false} close={close} />
    case 'vault':
      return <VaultSheet close={close} />
    case 'set-up-vault':
      return <SetUpVaultSheet close={close} />
    case 'vault-passphrase':
      return <VaultPassphraseSheet purpose={sheet.purpose} close={close} />
    case 'remove-vault':
      return <RemoveVaultSheet close={close} />
    case 'export':
      return <ExportSheet close={close} />
    case 'import':
      return <ImportSheet close={close} />
    case 'storage':
      return <StorageSheet close={close} />
    case 'watched-files':
      return <WatchedSheet close={close} />
    case 'relay-sight':
      return <RelaySightSheet close={close} />
    case 'sessions':
      return <SessionsSheet close={close} />
    case 'hand-off': {
      const tab = app.tabs.get(sheet.tabId)
      return tab ? <HandOffSheet tab={tab} close={close} /> : null
    }
    case 'files':
      return <FileDialogs dialog={sheet.dialog} close={close} />
    case 'shared':
      return <SharedSheet key={sheet.id} id={sheet.id} close={close} />
    case 'identities':
      return <IdentitiesSheet close={close} />
    case 'identity': {
      const identity = app.identities.get(sheet.identityId)
      return identity ? <IdentitySheet identity={identity} /> : null
    }
    case 'make-key':
      return <MakeKeySheet />
    case 'import-key':
      return <ImportKeySheet />
    case 'add-password':
      return <AddPasswordSheet />
    case 'install-key': {
      const tab = app.tabs.get(sheet.tabId)
      return tab ? <InstallKeySheet tab={tab} identityId={sheet.identityId} done={sheet.done} close={close} /> : null
    }
    case 'files-as-root': {
      const tab = app.tabs.get(sheet.tabId)
      return tab ? <FilesAsRootSheet tab={tab} close={close} /> : null
    }
    case 'files-beside':
      return <FilesBesideSheet close={close} />
    case 'edit-host': {
      const host = app.hosts.get(sheet.hostId)
      return host ? <EditHostSheet host={host} close={close} /> : null
    }
  }
}
