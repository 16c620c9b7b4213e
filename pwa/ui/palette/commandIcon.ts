import {
  ALargeSmall,
  Archive,
  Bookmark,
  Copy,
  Download,
  Eraser,
  Eye,
  Folder,
  type IconNode,
  Keyboard,
  KeyRound,
  LockKeyhole,
  LogOut,
  Moon,
  Pencil,
  Plus,
  RefreshCw,
  Search,
  Server,
  Settings,
  Smartphone,
  SquareTerminal,
  Unplug,
  X,
} from 'lucide'

/** What a command is about, by a word of its id. */
const icons: readonly (readonly [RegExp, IconNode])[] = [
  [/vault|passphrase|recovery|passkey/, LockKeyhole],
  [/-data$|backup/, Archive],
  [/-key$|identit|password/, KeyRound],
  [/^new-|^add-/, Plus],
  [/^close-tab/, X],
  [/^detach/, LogOut],
  [/elsewhere/, Smartphone],
  [/sessions/, Server],
  [/^rename|^edit/, Pencil],
  [/save-host/, Bookmark],
  [/files|path|directory|go-up/, Folder],
  [/^find/, Search],
  [/^clear/, Eraser],
  [/copy|paste|select/, Copy],
  [/font/, ALargeSmall],
  [/theme/, Moon],
  [/relay-sight|storage/, Eye],
  [/relay/, Server],
  [/settings|known-hosts/, Settings],
  [/keys/, Keyboard],
  [/^disconnect/, Unplug],
  [/reconnect|update|take-back/, RefreshCw],
  [/install/, Download],
]

/** The icon of a command. */
export function commandIcon(id: string): IconNode {
  return icons.find(([word]) => word.test(id))?.[1] ?? SquareTerminal
}
